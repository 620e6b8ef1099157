import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findK6 } from "#loadtests/index.ts";

/**
 * Runs the real command on the example clinic, puts one of its senders to the test on the wire, loads the sandbox where
 * k6 is, shows what a gate would have done, and ends with a signed bundle of all of it.
 */
const root = fileURLToPath(new URL("../../", import.meta.url));
const clinic = "docs/examples/clinic";
/** Static analysis cannot tell whether this one encrypts; the wire can. */
const sender = `${clinic}/mailer/src/reminders.ts`;
/** Out of version control; made anew by each run, because keys are never replaced. */
const work = ".hipaa-check/demo";
const [probeFacts, loadFacts] = [`${work}/probe.facts.json`, `${work}/load.facts.json`];
const bundle = `${work}/clinic.tar`;

/** Exit codes of commands that came to a verdict, or to "cannot tell": they did their work. */
const verdicts = [0, 1, 3];

function say(words: string): void {
  process.stdout.write(`\n${words}\n`);
}

function show(...words: string[]): number {
  say(`$ npx hipaa-check ${words.join(" ")}`);
  const { status } = spawnSync(process.execPath, [`${root}cli/bin/run.js`, ...words], {
    cwd: root,
    stdio: "inherit",
  });
  return status ?? 70;
}

/** Why there can be no load test here; undefined where there can. */
async function whyNoLoad(): Promise<string | undefined> {
  try {
    const { hasSmtp, path } = await findK6([root]);
    return hasSmtp ? undefined : `${path} lacks the SMTP extension.`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Gives the exit code of the first command that did not do its work; undefined where all did. */
async function run(): Promise<number | undefined> {
  const gate = show("check", clinic);
  if (!verdicts.includes(gate)) return gate;
  const difference = show("policies", "diff", "hipaa-2013", "hipaa-nprm-2025", clinic);
  if (difference !== 0) return difference;

  rmSync(`${root}${work}`, { recursive: true, force: true });
  mkdirSync(`${root}${work}`, { recursive: true });
  say(`On the wire: ${sender} is put before good, broken and hostile mail servers on this machine.`);
  const probe = show("sandbox", "probe", "--quick", "--module", sender, "--facts", probeFacts);
  if (!verdicts.includes(probe)) return probe;

  const facts = ["--facts", probeFacts];
  const noLoad = await whyNoLoad();
  if (noLoad === undefined) {
    say("Under load: synthetic mail to a mail server on this machine, for a few seconds.");
    const load = show("loadtest", "run", "smoke", "--driver", "in-process", "--facts", loadFacts);
    if (!verdicts.includes(load)) return load;
    facts.push("--facts", loadFacts);
  } else say(`Under load: left out, so the bundle holds nothing about load: ${noLoad}`);

  const keys = show("evidence", "keys", "new", "--out", `${work}/keys`);
  if (keys !== 0) return keys;
  const build = show("evidence", "build", clinic, ...facts, "--key", `${work}/keys/key.pem`, "-o", bundle);
  if (build !== 0) return build;
  const verify = show("evidence", "verify", bundle, "--trust", `${work}/keys/key.pub`, "--re-evaluate");
  if (verify !== 0) return verify;

  say(`A gate that runs the first command ends with exit code ${gate}: ${gate === 1 ? "it turns red" : "it does not turn red"}.
The bundle holds the configuration, the probe${noLoad === undefined ? ", the load run" : ""} and every verdict; results/report.html in it shows them on one page.

Try next:
  npx hipaa-check explain mail/outbound-tls
  npx hipaa-check facts ${clinic}/relay
  npx hipaa-check check ${clinic} --edition hipaa-nprm-2025
  npx hipaa-check evidence show ${bundle}
  npx hipaa-check check PATH/OF/YOUR-OWN`);
  return undefined;
}

process.exitCode = (await run()) ?? 0;
