import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { SandboxError } from "../../error.ts";
import { childProgram } from "../../paths.ts";
import type { Sender, SendOrder } from "../sender.ts";
import { refused } from "./loopback-only.ts";
import { orderEnvironment, ProcessGroups, runProcess } from "./process.ts";
import { pointed } from "./transport.ts";

/**
 * A JavaScript or TypeScript module that exports a nodemailer transport (`transport`, the default export, or the only
 * one) or a function `send`. It is loaded in a process of its own for each posture, with the environment that programs
 * get.
 * @throws SandboxError when there is no such file
 */
export function moduleSender(file: string): Sender {
  const path = resolve(file);
  if (!existsSync(path))
    throw new SandboxError("usage", "no-such-module", `there is no module ${file}: give the path of a file`);
  const groups = new ProcessGroups();
  return {
    kind: "module",
    name: file,
    overlay: [pointed, refused],
    async send(order: SendOrder, context) {
      const { headers, attachment } = order.message;
      const env = {
        ...orderEnvironment(order),
        HIPAA_CHECK_EXTRAS: JSON.stringify({ headers, attachment }),
      };
      return await runProcess(
        { command: process.execPath, arguments: [childProgram(), "module", path], env },
        groups,
        context,
      );
    },
    [Symbol.asyncDispose]: () => groups[Symbol.asyncDispose](),
  };
}
