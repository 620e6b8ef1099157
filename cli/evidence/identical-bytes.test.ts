import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { binary } from "#cli/testing.ts";
import { clinic, digest, epoch, Workshop } from "./testing.ts";

const work = new Workshop();
const { build, key } = work;
afterAll(() => work[Symbol.dispose]());

describe("the same inputs give the same bytes", () => {
  test("on different folders, locales, time zones, umasks and orders of directory entries", () => {
    const first = digest(build("first.tar", [clinic]));
    const copy = join(work.path, "deeper/another name/copy");
    mkdirSync(copy, { recursive: true });
    // The entries of the copy are made in the opposite order, so that the file system lists them in another one.
    const files = (readdirSync(clinic, { recursive: true }) as string[]).sort().reverse();
    for (const file of files) {
      if (!statSync(join(clinic, file)).isFile()) continue;
      mkdirSync(join(copy, file, ".."), { recursive: true });
      cpSync(join(clinic, file), join(copy, file));
      chmodSync(join(copy, file), 0o600);
    }
    const others = [
      build("second.tar", ["."], {
        folder: copy,
        environment: { TZ: "Pacific/Kiritimati", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" },
      }),
      build("third.tar", [copy], { folder: "/", environment: { TZ: "America/St_Johns" } }),
    ];
    for (const other of others) expect(digest(other)).toBe(first);
    const script = `umask 0777; umask 077; exec "${process.execPath}" "${binary}" evidence build . --key "${key}" -o "${join(work.path, "fourth.tar")}"`;
    const { status } = spawnSync("sh", ["-c", script], {
      cwd: copy,
      env: { ...process.env, SOURCE_DATE_EPOCH: epoch, NO_COLOR: "1" },
    });
    expect(status).toBe(0);
    expect(digest(join(work.path, "fourth.tar"))).toBe(first);
  });

  test("and the bundle holds neither the folder's name nor its position", () => {
    const hidden = join(work.path, "very-secret-client");
    cpSync(clinic, hidden, { recursive: true });
    const bundle = readFileSync(build("position.tar", [hidden]));
    expect(bundle.includes("very-secret-client")).toBe(false);
    expect(bundle.includes(work.path)).toBe(false);
  });
});
