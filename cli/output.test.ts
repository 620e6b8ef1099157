import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand, soundTerraform, TemporaryFolder } from "./testing.ts";

describe("an output that cannot be is told before any work is done", () => {
  test("a file for two formats would hold one of them only", () => {
    using folder = new TemporaryFolder({ "main.tf": soundTerraform });
    const output = ["--format", "json", "--output", "r", "--format", "sarif", "--output", "./r"];
    expect(runCommand(["check", ".", ...output], { folder: folder.path })).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: `hipaa-check: Two formats would go to ${join(folder.path, "r")}. Give each --format an --output of its own.\n`,
    });
  });

  test.skipIf(process.platform !== "linux")("a device takes both", () => {
    using folder = new TemporaryFolder({ "main.tf": soundTerraform });
    const output = [
      "--format",
      "json",
      "--output",
      "/dev/null",
      "--format",
      "sarif",
      "--output",
      "/dev/null",
    ];
    expect(runCommand(["check", ".", ...output], { folder: folder.path }).exitCode).toBe(0);
  });

  test.skipIf(process.getuid?.() !== 0)("a folder of somebody else (only root can test it)", () => {
    using folder = new TemporaryFolder({ "main.tf": soundTerraform, "theirs/other.txt": "" });
    for (const path of [folder.path, join(folder.path, "theirs")]) chmodSync(path, 0o755);
    const words = ["loadtest", "run", "smoke", "--format", "json", "--output", "theirs/r.json"];
    expect(
      runCommand(words, { folder: folder.path, environment: { HOME: folder.path }, userId: 65_534 }),
    ).toMatchObject({
      exitCode: 2,
      stderr: "hipaa-check: --output theirs/r.json could not be written (EACCES).\n",
    });
  });
});
