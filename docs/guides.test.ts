import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runCommand, TemporaryFolder } from "#cli/testing.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const rewrite = process.env.HIPAA_CHECK_WRITE_SCENARIOS === "1";

/** Every page that a person wrote. */
const pages = [
  ...["README.md", "CONTRIBUTING.md"],
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md") && !path.startsWith("reference"))
    .map((path) => join("docs", path)),
].sort();

/** Pages whose commands build on each other are followed step by step elsewhere (`walkthrough.ts`). */
const followed = ["sandbox", "evidence", "auditor", "approver", "ci-gate", "load-testing"].map(
  (name) => `docs/guide/${name}.md`,
);
const alone = pages.filter((page) => !followed.includes(page));

const read = (page: string): string => readFileSync(join(root, page), "utf8");
const prompt = "$ npx hipaa-check ";

function wordsOf(command: string): string[] {
  return (command.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
}

/**
 * A capture is a code block that begins with a prompt; all that follows in the block is what the command printed.
 * `npm run scenarios` writes them anew; read the difference before you keep it.
 */
const captures = pages.flatMap((page) =>
  [...read(page).matchAll(/^```console\n\$ npx hipaa-check ([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    command: match[1] ?? "",
    shown: match[2] ?? "",
  })),
);

test.each(captures)("$page shows what `hipaa-check $command` prints", ({ page, command, shown }) => {
  const { stdout } = runCommand(wordsOf(command), { folder: root });
  const printed = stdout.replace(/^\n+/, "");
  if (!rewrite) expect(shown).toBe(printed);
  else {
    const head = `${prompt}${command}\n`;
    writeFileSync(
      join(root, page),
      read(page).replace(`${head}${shown}`, () => `${head}${printed}`),
    );
  }
});

test("the README shows one", () => {
  expect(captures.map(({ page }) => page)).toContain("README.md");
});

/** A folder with what the commands of the pages name. */
const ownFiles = {
  "infrastructure/main.tf": 'resource "aws_kms_key" "mail" {\n  enable_key_rotation = true\n}\n',
  "mail/main.cf": "smtp_tls_security_level = encrypt\n",
};

describe("commands in the pages run", () => {
  const commands = alone.flatMap((page) =>
    [...read(page).matchAll(/(?:^|`)(?:\$ )?npx hipaa-check ([^`\n]+)/gm)].map((match) => ({
      page,
      command: (match[1] ?? "").trim(),
    })),
  );

  test.each(commands)("$page: $command", ({ command }) => {
    using folder = new TemporaryFolder(ownFiles);
    const ofExample = command.includes("docs/examples");
    const words = wordsOf(command.replace("explain RULE", "explain mail/outbound-tls"));
    const { exitCode, stderr } = runCommand(words, { folder: ofExample ? root : folder.path });
    const withoutProgress = stderr.replace(/^hipaa-check: .+ …\n/gm, "");
    expect(withoutProgress).toBe("");
    expect([0, 1]).toContain(exitCode);
  });
});

test("links between the pages lead to files that exist", () => {
  const links = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => ({ page, link: match[1] ?? "" })),
  );
  expect(links.length).toBeGreaterThan(0);
  for (const { page, link } of links) {
    expect(existsSync(join(root, page, "..", link)), `${page}: ${link}`).toBe(true);
  }
});

test("every dependency has its record", () => {
  const record = read("docs/decisions/dependencies.md");
  const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<
    "dependencies" | "devDependencies",
    Readonly<Record<string, string>>
  >;
  const names = Object.keys({ ...dependencies, ...devDependencies });
  expect(names.filter((name) => !record.includes(`\`${name}\``))).toEqual([]);
});
