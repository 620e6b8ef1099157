import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TemporaryFolder } from "#cli/testing.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const project = new TemporaryFolder({
  "package.json": '{ "type": "module" }\n',
  "mail.test.mjs": `
    import { readFileSync } from "node:fs";
    import { startSandbox } from "hipaa-check/sandbox";
    import nodemailer from "nodemailer";

    await using sandbox = await startSandbox({ driver: "in-process" });
    const { submission, ca } = sandbox.connection;
    const transport = nodemailer.createTransport({
      host: submission.host,
      port: submission.port,
      requireTLS: true,
      auth: { user: submission.user, pass: submission.password },
      tls: { ca: readFileSync(ca) },
    });
    await transport.sendMail({ from: "a@sender.test", to: "b@clinic.test", subject: "Seen", text: "x" });
    const mail = await sandbox.mailbox.wait({ to: "b@clinic.test" });
    console.log(mail.subject, mail.tls.version, mail.auth.user);
  `,
  "typed.ts": `
    import { type Mail, startSandbox } from "hipaa-check/sandbox";

    export async function subjectOf(to: string): Promise<string> {
      await using sandbox = await startSandbox({ driver: "in-process", ports: { mx: 2526 } });
      const mail: Mail = await sandbox.mailbox.wait({ to }, { timeoutMs: 100 });
      return mail.tls === null ? "in clear text" : mail.subject;
    }

    // @ts-expect-error: there is no such driver
    void startSandbox({ driver: "somewhere" });
  `,
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      ...{ strict: true, noEmit: true, target: "es2024", module: "nodenext", types: ["node"] },
      lib: ["es2024", "esnext.disposable"],
    },
    files: ["typed.ts"],
  }),
  "hipaa-check.yaml": "owned: [mail.example]\n",
  "main.cf": "smtp_tls_security_level = encrypt\n",
});

/** Makes a package of the user's project one that the repository has. */
function link(name: string): void {
  const path = join(project.path, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(root, "node_modules", name), path);
}

function run(...words: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: project.path,
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

beforeAll(() => {
  execFileSync(process.execPath, [join(root, "cli/build/types.ts")]);
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", project.path], {
    cwd: root,
  });
  const tarball = readdirSync(project.path).find((name) => name.endsWith(".tgz")) ?? "";
  const target = join(project.path, "node_modules/hipaa-check");
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", join(project.path, tarball), "-C", target, "--strip-components=1"]);
  const { dependencies } = JSON.parse(readFileSync(join(target, "package.json"), "utf8")) as {
    dependencies: Readonly<Record<string, string>>;
  };
  // What the package declares, and what a user's project has of its own.
  for (const name of [...Object.keys(dependencies), "nodemailer", "@types/node"]) link(name);
});

afterAll(() => project[Symbol.dispose]());

const binary = "node_modules/hipaa-check/cli/bin/run.js";

test("the packed command checks a project, with a configuration of its own", () => {
  const { status, output } = run(binary, "check", ".", "--no-cache", "--rule", "mail/outbound-tls");
  expect(output).toContain("exit 0");
  expect(status).toBe(0);
});

test("the packed command knows its postures", () => {
  const { status, output } = run(binary, "sandbox", "probe", "--list");
  expect(output).toMatch(/^P01 +STARTTLS is not offered/m);
  expect(status).toBe(0);
});

test("a test of the user's own starts a sandbox and reads what arrived", () => {
  expect(run("mail.test.mjs")).toEqual({ status: 0, output: "Seen TLSv1.3 sandbox\n" });
});

test("the library has its types", () => {
  expect(run(join(root, "node_modules/typescript/bin/tsc"), "-p", ".")).toEqual({ status: 0, output: "" });
});
