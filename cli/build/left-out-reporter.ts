import type { Reporter, TestModule } from "vitest/node";

/** Says at the end of a test run what was left out and why: the names of skipped tests give the reason. */
export default class LeftOutReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const names = modules.flatMap((module) =>
      [...module.children.allTests()]
        .filter((test) => test.result().state === "skipped")
        .map((test) => test.fullName),
    );
    if (names.length === 0) {
      process.stdout.write("\nNothing was left out.\n");
      return;
    }
    process.stdout.write(`\nLeft out on this machine (${names.length}), with the reason in the name:\n`);
    for (const name of names) process.stdout.write(`  ${name}\n`);
  }
}
