import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { containersDriver } from "./driver.ts";
import { findEngine, openEngine } from "./engine.ts";
import { ensureImage } from "./image.ts";
import { needsEngine, withoutEngine } from "./testing.ts";

let folder: string;
const before = process.env.DOCKER_HOST;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-test-"));
});

afterEach(() => {
  if (before === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = before;
  rmSync(folder, { recursive: true, force: true });
});

describe("without a container engine", () => {
  test("a missing socket is one line with what to do", async () => {
    process.env.DOCKER_HOST = `unix://${folder}/none.sock`;
    await expect(findEngine()).rejects.toThrow(
      `there is no Docker engine: nothing at ${folder}/none.sock; install Docker, or say in DOCKER_HOST where it is`,
    );
    expect(await containersDriver.check()).toMatchObject({ available: false });
  });

  test("a socket behind which nothing runs is one line with what to do", async () => {
    const socket = join(folder, "dead.sock");
    const code = `require("node:net").createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, "SIGKILL"))`;
    await new Promise((resolve) => spawn(process.execPath, ["-e", code]).on("exit", resolve));
    expect(existsSync(socket)).toBe(true);
    process.env.DOCKER_HOST = `unix://${socket}`;
    await expect(findEngine()).rejects.toThrow(
      /no Docker engine answers at .*dead\.sock \(ECONNREFUSED\): start it/,
    );
  });

  test("a socket that this user may not use is one line with what to do", async () => {
    const socket = join(folder, "closed.sock");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    chmodSync(folder, 0o755);
    chmodSync(socket, 0o600);
    // Root may use everything: the question has to be asked by somebody else.
    const asRoot = process.getuid?.() === 0;
    if (!asRoot) chmodSync(socket, 0o000);
    const code = `process.env.DOCKER_HOST = ${JSON.stringify(`unix://${socket}`)};
      const { findEngine } = await import(${JSON.stringify(new URL("./engine.ts", import.meta.url).href)});
      findEngine().catch(({ code, message }) => process.stdout.write(code + " " + message));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
      ...(asRoot ? { uid: 65534, gid: 65534 } : {}),
    });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    await new Promise((resolve) => child.on("close", resolve));
    await new Promise((resolve) => server.close(resolve));
    expect(said).toMatch(
      /^engine-forbidden this user may not use Docker's socket .*closed\.sock: add the user/,
    );
  });

  test("an engine on another machine is refused", async () => {
    process.env.DOCKER_HOST = "tcp://build.clinic.example:2376";
    await expect(findEngine()).rejects.toThrow("the sandbox uses an engine of this machine only");
    process.env.DOCKER_HOST = "ssh://build.clinic.example";
    await expect(findEngine()).rejects.toThrow("the sandbox uses an engine of this machine only");
  });
});

describe.skipIf(withoutEngine !== undefined)(needsEngine("an image"), () => {
  test("that will not build is one line with the reason, and leaves no container", async () => {
    const mark = `test=${process.pid}-${Date.now()}`;
    const steps = ["FROM debian:trixie-20251117-slim", `LABEL ${mark}`, "RUN echo about to fail && exit 3"];
    writeFileSync(join(folder, "Dockerfile"), `${steps.join("\n")}\n`);
    const engine = await openEngine();
    await expect(ensureImage(engine, "postfix", { folder })).rejects.toThrow(
      /^the image postfix cannot be built: .*exit 3.*code: 3, after: about to fail$/,
    );
    // What a step runs in has the labels of the steps before it.
    const { dockerode } = engine.client.container;
    expect(await dockerode.listContainers({ all: true, filters: { label: [mark] } })).toEqual([]);
  });

  test("whose base cannot be pulled is one line with what to do", async () => {
    writeFileSync(join(folder, "Dockerfile"), "FROM 127.0.0.1:9/no-such-image:1\n");
    await expect(ensureImage(await openEngine(), "postfix", { folder })).rejects.toThrow(
      /^the base image 127\.0\.0\.1:9\/no-such-image:1 cannot be pulled: .*; connect to a registry, or load the image/,
    );
  });

  test("is built once and told of once", async () => {
    const mark = `${process.pid}-${Date.now()}`;
    writeFileSync(join(folder, "Dockerfile"), `FROM debian:trixie-20251117-slim\nLABEL test=${mark}\n`);
    const engine = await openEngine();
    const told: string[] = [];
    const onProgress = (text: string): void => void told.push(text);
    const [first, second] = await Promise.all([
      ensureImage(engine, "postfix", { folder, onProgress }),
      ensureImage(engine, "postfix", { folder, onProgress }),
    ]);
    const third = await ensureImage(engine, "postfix", { folder, onProgress });
    expect([second, third]).toEqual([first, first]);
    expect(new Set(told)).toEqual(
      new Set(["building the image postfix: once, it is kept while it does not change"]),
    );
    expect(told.length).toBeLessThanOrEqual(2);
    await engine.client.container.dockerode.getImage(first).remove({ force: true });
  });
});
