import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { extensionFolder } from "../paths.ts";
import { answers } from "./programs.ts";

/** A Postfix with an own queue, which relays to a port of loopback; its defaults are left as they are. */
export class Postfix implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws Error where Postfix does not start, which takes root */
  static async start(port: number, relay: number): Promise<Postfix> {
    const folder = mkdtempSync(join(tmpdir(), "postfix-"));
    chmodSync(folder, 0o755);
    for (const name of ["config", "spool", "data", "log"]) mkdirSync(join(folder, name));
    for (const name of ["main.cf", "master.cf"]) {
      const text = readFileSync(join(extensionFolder(), "testdata", "postfix", name), "utf8")
        .replaceAll("@FOLDER@", folder)
        .replaceAll("@RELAY@", String(relay))
        .replaceAll("@PORT@", String(port));
      writeFileSync(join(folder, "config", name), text);
    }
    execFileSync("chown", ["postfix", join(folder, "data")]);
    const postfix = new Postfix(folder);
    postfix.#say("start");
    for (let attempt = 0; attempt < 200 && !(await answers(port)); attempt++) await pause(50);
    return postfix;
  }

  #say(word: string): void {
    execFileSync("postfix", ["-c", join(this.#folder, "config"), word], { stdio: "ignore" });
  }

  /** Waits until the queue is empty, so that one round does not slow the next. */
  async drain(): Promise<void> {
    for (let attempt = 0; attempt < 1200; attempt++) {
      const queues = ["incoming", "active", "deferred"].map((name) => join(this.#folder, "spool", name));
      const files = execFileSync("find", [...queues, "-type", "f"], { encoding: "utf8" });
      if (files.trim() === "") return;
      await pause(100);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#say("stop");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
