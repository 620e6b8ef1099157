import { randomBytes, timingSafeEqual } from "node:crypto";
import { createConnection } from "node:net";
import { listen, loopbackAddress } from "../resources/listen.ts";
import type { BackgroundState } from "./state.ts";

/** How other processes of the user reach the one in the background. */
export interface Control extends AsyncDisposable {
  readonly port: number;
  readonly token: string;
}

type Request = "alive" | "stop";

const answerTimeoutMs = 2000;

/** Answers `alive` and `stop` to whoever knows the token. */
export async function openControl(stop: () => void): Promise<Control> {
  const token = randomBytes(24).toString("hex");
  const listener = await listen((socket) => {
    let text = "";
    socket.setTimeout(answerTimeoutMs, () => socket.destroy());
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (text.length > 256) socket.destroy();
      if (!text.includes("\n")) return;
      const [request, given = ""] = text.trim().split(" ");
      if (given.length !== token.length || !timingSafeEqual(Buffer.from(given), Buffer.from(token))) {
        socket.destroy();
        return;
      }
      socket.end("ok\n");
      if (request === "stop") stop();
    });
  });
  return { port: listener.port, token, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

/** True when the process in the background answered. */
export function ask({ control }: BackgroundState, request: Request): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: loopbackAddress, port: control.port }, () => {
      socket.write(`${request} ${control.token}\n`);
    });
    socket.setTimeout(answerTimeoutMs, () => socket.destroy());
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer === "ok\n"));
  });
}
