import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connection, MailSummary, ProbeReport } from "#sandbox/index.ts";
import { PackageCopy, type RunResult, runCommand, StartedCommand, TemporaryFolder } from "./testing.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const fixtures = join(root, "sandbox/probe/fixtures");
const folder = new TemporaryFolder();
const environment = { XDG_RUNTIME_DIR: join(folder.path, "runtime") };

beforeAll(() => mkdirSync(environment.XDG_RUNTIME_DIR, { mode: 0o700 }));

afterAll(() => {
  sandbox("down");
  folder[Symbol.dispose]();
});

function sandbox(...words: string[]): RunResult {
  return runCommand(["sandbox", ...words], { folder: folder.path, environment });
}

/** One line on standard error, and nothing on standard output. */
function complaint({ stdout, stderr }: RunResult): string {
  expect(stdout).toBe("");
  const lines = stderr.split("\n").filter((line) => line !== "" && !line.endsWith(" …"));
  expect(lines).toHaveLength(1);
  return (lines[0] ?? "").replace(/^hipaa-check: /, "");
}

function script(name: string, ...words: string[]): string {
  return [`'${process.execPath}'`, `'${join(fixtures, name)}'`, ...words].join(" ");
}

async function occupy(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, server };
}

describe("a sandbox in the background", () => {
  let connection: Connection;

  beforeAll(() => {
    const { exitCode, stdout } = sandbox("up", "--driver", "in-process", "--for", "5m", "--json");
    expect(exitCode).toBe(0);
    connection = JSON.parse(stdout) as Connection;
  });

  test("says how it is reached, as JSON and as variables of a shell", () => {
    expect(Object.keys(connection)).toEqual(["driver", "submission", "smtps", "mx", "ca", "mailbox"]);
    const { stdout } = sandbox("up", "--env");
    expect(stdout).toContain(`HIPAA_CHECK_SMTP_PORT=${connection.submission.port}\n`);
    expect(stdout).toContain(`HIPAA_CHECK_SMTP_CA=${connection.ca}\n`);
    expect(stdout.split("\n").filter((line) => line !== "" && !/^[A-Z_]+=\S+$/.test(line))).toEqual([]);
    expect(JSON.parse(sandbox("status", "--json").stdout)).toMatchObject({
      running: true,
      driver: "in-process",
      since: expect.stringMatching(/^\d{4}-/),
    });
  });

  test("takes mail, and shows it as soon as it has said so", async () => {
    const { submission, ca } = connection;
    const { host, port, user, password } = submission;
    const tls = { ca: readFileSync(ca) };
    await createTransport({ host, port, requireTLS: true, auth: { user, pass: password }, tls }).sendMail({
      from: "clinic@sender.test",
      to: "patient@clinic.test",
      subject: "Your appointment",
      text: "At ten.",
    });
    const list = JSON.parse(sandbox("inbox", "list", "--json").stdout) as MailSummary[];
    expect(list).toEqual([
      {
        id: expect.any(String),
        from: "clinic@sender.test",
        to: ["patient@clinic.test"],
        subject: "Your appointment",
        receivedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        tls: { version: "TLSv1.3", cipher: expect.any(String) },
        auth: { user: "sandbox" },
      },
    ]);
    const id = list[0]?.id ?? "";
    expect(sandbox("inbox", "list").stdout).toContain(`${id}  `);
    expect(JSON.parse(sandbox("inbox", "show", id, "--json").stdout)).toMatchObject({
      id,
      text: "At ten.\n",
    });
    expect(sandbox("inbox", "show", id.slice(0, 8)).stdout).toMatch(/came over +TLSv1\.3 .*sandbox/);
    expect(sandbox("inbox", "show", id, "--raw").stdout).toContain("Subject: Your appointment\r\n");
    const elsewhere = sandbox("inbox", "list", "--mailbox", connection.mailbox.url, "--json");
    expect(JSON.parse(elsewhere.stdout)).toEqual(list);
    const waited = sandbox("inbox", "wait", "--subject", "appointment", "--json");
    expect(JSON.parse(waited.stdout)).toMatchObject({ id });
  });

  test("is told apart from one of another driver", () => {
    expect(complaint(sandbox("up", "--driver", "containers"))).toMatch(
      /^a sandbox with the driver in-process is up/,
    );
  });

  test("is told apart from one with another port or user", () => {
    const { port } = connection.submission;
    expect(sandbox("up", "--submission-port", String(port)).exitCode).toBe(0);
    const otherPort = sandbox("up", "--submission-port", String(port + 1));
    expect(complaint(otherPort)).toMatch(
      new RegExp(`has port ${port} for submission, not ${port + 1}: end it with .sandbox down. first$`),
    );
    expect(otherPort.exitCode).toBe(2);
    expect(complaint(sandbox("up", "--user", "app"))).toMatch(/has the user sandbox, not app: end it/);
  });

  test("takes an id that begins with a dash for an id", () => {
    const id = "-srKZtUMthkYxguMN0IoZ8L969Qv9MnQwAIxRcOarJY=@mailhog.example";
    for (const words of [[id], [id, "--json"], ["--raw", id]]) {
      expect(complaint(sandbox("inbox", "show", ...words))).toBe(
        `There is no message ${id}. See: hipaa-check sandbox inbox list.`,
      );
    }
  });
});

describe("what keeps a sandbox from starting is one line", () => {
  const other = { folder: folder.path, environment: { XDG_RUNTIME_DIR: join(folder.path, "other") } };

  beforeAll(() => mkdirSync(other.environment.XDG_RUNTIME_DIR, { mode: 0o700 }));

  test("a port in use", async () => {
    const { port, server } = await occupy();
    const up = runCommand(["sandbox", "up", "--driver", "in-process", "--mx-port", String(port)], other);
    server.close();
    expect(complaint(up)).toBe(
      `port ${port} of 127.0.0.1 is in use: end what uses it, or choose another port`,
    );
    expect(up.exitCode).toBe(3);
    expect(runCommand(["sandbox", "status"], other).stdout).toMatch(/^No sandbox is up/);
  });

  test.each([
    [
      ["--submission-port", "70000"],
      "--submission-port 70000: this is no port. Write a number from 1 to 65535.",
    ],
    [["--for", "soon"], "--for soon: this is no length of time. Write 30s, 10m or 2h."],
    [["--for", "25d"], "--for 25d: this is longer than can be waited for. Write 24d at most."],
    [["--user", ""], "the name of the user is empty"],
    [
      ["--mx-port", "2525", "--smtps-port", "2525"],
      "port 2525 was given twice: each service needs one of its own",
    ],
    [["--driver", "cloud"], "Expected --driver=cloud to be one of: containers, in-process"],
  ])("%j", (words, message) => {
    const up = runCommand(["sandbox", "up", ...words], other);
    expect(complaint(up)).toBe(message);
    expect(up.exitCode).toBe(2);
  });
});

/** Runs a probe and reads its report. */
function probe(...words: string[]): { readonly exitCode: number | null; readonly report: ProbeReport } {
  const { exitCode, stdout } = sandbox("probe", "--format", "json", ...words);
  return { exitCode, report: JSON.parse(stdout) as ProbeReport };
}

describe("a sender in trouble", () => {
  test.each([
    ["exits", "echo no such host >&2; exit 3", /ended with status 3: no such host$/],
    ["hangs", "sleep 60", /did not end within 1 s and was ended$/],
    ["sends nothing", "true", /^the sender never came$/],
    ["cannot be started", "no-such-program", /cannot be started/],
    [
      "sends another message",
      script("odd.mjs", "other-message"),
      /held nothing of what the sender was told to send$/,
    ],
  ])("that %s proves nothing: exit 3", (_, command, reason) => {
    const { exitCode, report } = probe("--exec", command, "--only", "P01", "--timeout", "1s");
    expect(report.groups[0]?.controls.positive.reason).toMatch(reason);
    expect(exitCode).toBe(3);
  });

  test.each([
    ["to the wrong address", "elsewhere", /to another address than the sender was told$/],
    ["twice", "twice", /delivered under TLS, 2 times$/],
  ])("that sends %s is named", (_, what, reason) => {
    const { report } = probe("--exec", script("odd.mjs", what), "--only", "P27");
    expect(report.groups[0]?.controls.positive.reason).toMatch(reason);
  });

  test.each([
    ["elsewhere", "controls passed; the message was delivered to another address than the sender was told"],
    ["twice", "controls passed; the message was delivered 2 times"],
  ])("that sends %s is named on the screen too", (what, words) => {
    const { stdout } = sandbox("probe", "--exec", script("odd.mjs", what), "--only", "P27");
    expect(stdout).toContain(words);
  });

  test("writes what was seen where it was asked to, whole", () => {
    const words = ["--only", "P01", "--output", "report.txt", "--facts", "a.facts.json"];
    const { exitCode, stdout } = sandbox("probe", "--exec", script("envelope-only.mjs"), ...words);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(readFileSync(join(folder.path, "report.txt"), "utf8")).toContain("address in clear text");
    expect(JSON.parse(readFileSync(join(folder.path, "a.facts.json"), "utf8"))).toMatchObject({
      evidence: "probe",
    });
  });
});

describe("wrong usage of probe is one line and exit 2", () => {
  test.each([
    [["--exec", " "], /^there is no command: give the program that sends one message$/],
    [
      ["--http", "ftp://localhost/a", "--smtp-port", "2525"],
      /^ftp:\/\/localhost\/a is no address of an application/,
    ],
    [["--exec", "true", "--only", "P99"], /^there is no posture or group P99: .* names them all$/],
    [["--exec", "true", "--facts", "x.json"], /^--facts x\.json: the name must end in \.facts\.json/],
    [
      ["--exec", "true", "--facts", "no/x.facts.json"],
      /^--facts no\/x\.facts\.json: the folder no does not exist/,
    ],
    [["--exec", "true", "--output", "no/x"], /^--output no\/x: the folder no does not exist/],
    [["--exec", "true", "--configuration", "nowhere"], /^nowhere: there is no such file or folder\.$/],
    [["--module", "nowhere.mjs"], /^nowhere\.mjs: there is no such file or folder\.$/],
    [["--server", "mail"], /^mail is no server: write host:port$/],
    [["--server", "192.0.2.1:25"], /^192\.0\.2\.1 is neither loopback nor listed as owned/],
    [
      ["--http", "http://192.0.2.1/send", "--smtp-port", "2525"],
      /^192\.0\.2\.1 is neither loopback nor listed/,
    ],
    [["--http", "nowhere", "--smtp-port", "2525"], /^nowhere is no address/],
    [["--http", "http://localhost:1/send"], /^--http needs --start CMD/],
    [
      ["--http", "http://localhost:1/", "--smtp-port", "2525", "--http-header", "x"],
      /^--http-header x: write NAME:VALUE\.$/,
    ],
    [["--exec", "true", "--fault"], /^--fault goes with --postfix DIR, and not with --exec/],
    [["--fault"], /^Name what to put to the test: --postfix/],
    [["--postfix", ".", "--fault", "--quick"], /^--quick=true cannot also be provided when using --fault/],
    [["--postfix", ".", "--driver", "in-process"], /^--postfix runs in a container/],
    [["--smtp", "--driver", "containers"], /^--driver containers does not go with --smtp: its sender knows/],
    [
      ["--server", "localhost:25", "--driver", "containers"],
      /^--driver containers does not go with --server/,
    ],
    [["--exec", "true", "--smtp"], /^--exec and --smtp were given/],
    [["--exec", "true", "--start", "x"], /--start/],
  ])("%j", (words, message) => {
    const result = sandbox("probe", ...words);
    expect(complaint(result)).toMatch(message);
    expect(result.exitCode).toBe(2);
  });

  test("a posture file with a mistake", () => {
    using copy = new PackageCopy();
    const posture = join(copy.path, "sandbox/postures/P01/posture.yaml");
    writeFileSync(posture, readFileSync(posture, "utf8").replace("group: capability", "group: capabilities"));
    const result = runCommand(["sandbox", "probe", "--list"], { folder: folder.path, binary: copy.binary });
    expect(complaint(result)).toMatch(
      /^sandbox\/postures\/P01\/posture\.yaml:3: group must be one of capability/,
    );
    expect(result.exitCode).toBe(2);
  });
});

describe("an application of one's own", () => {
  const application = `
    import { createServer } from "node:http";
    import { readFileSync } from "node:fs";
    import nodemailer from ${JSON.stringify(join(root, "node_modules/nodemailer/dist/esm/nodemailer.js"))};
    const { HIPAA_CHECK_SMTP_HOST: host, HIPAA_CHECK_SMTP_PORT: port, HIPAA_CHECK_SMTP_CA: ca } = process.env;
    const transport = nodemailer.createTransport({ host, port: Number(port), requireTLS: true, tls: { ca: readFileSync(ca) } });
    createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      const { from, to, subject, body } = JSON.parse(text);
      const sent = await transport.sendMail({ from, to, subject, text: body }).then(() => true, () => false);
      response.writeHead(sent ? 202 : 502).end();
    }).listen(Number(process.argv[2]), "127.0.0.1");
  `;

  test("is started, asked over HTTP and ended", async () => {
    folder.write("application.mjs", application);
    const { port, server } = await occupy();
    server.close();
    const url = `http://127.0.0.1:${port}/send`;
    const start = `'${process.execPath}' application.mjs ${port}`;
    const { exitCode, report } = probe("--http", url, "--start", start, "--only", "P01,P14");
    expect(report.postures.map(({ id, verdict }) => [id, verdict])).toEqual([
      ["P01", "held"],
      ["P14", "held"],
    ]);
    expect(exitCode).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  test("that does not start is one line", () => {
    const words = ["--http", "http://127.0.0.1:9/send", "--start", "echo no database >&2; exit 1"];
    const result = sandbox("probe", ...words);
    expect(complaint(result)).toBe(
      "the application ended with status 1 before it listened at 127.0.0.1:9: no database",
    );
    expect(result.exitCode).toBe(3);
  });
});

describe("what is slow to load", () => {
  test("is loaded by the commands of the sandbox only", async () => {
    const watcher = join(folder.path, "loaded.mjs");
    writeFileSync(
      watcher,
      'import { registerHooks } from "node:module";\n' +
        "registerHooks({ load(url, context, next) { process.stderr.write(`loaded ${url}\\n`); return next(url, context); } });\n",
    );
    const loaded = async (...words: string[]): Promise<string[]> => {
      const command = new StartedCommand(words, {
        folder: folder.path,
        environment: { NODE_OPTIONS: `--import ${watcher}` },
      });
      const { stderr } = await command.ended;
      return stderr.split("\n").filter((line) => /dist\/.*\.js$/.test(line));
    };
    const holds = (files: readonly string[], text: string): boolean =>
      files.some((line) => readFileSync(fileURLToPath(line.slice("loaded ".length)), "utf8").includes(text));
    const ofTheSandbox = "Must issue a STARTTLS command first";
    expect(await loaded("--version")).toEqual([]);
    expect(holds(await loaded("check", ".", "--allow-empty"), ofTheSandbox)).toBe(false);
    expect(holds(await loaded("sandbox", "status"), "sandboxStatus")).toBe(true);
  });
});
