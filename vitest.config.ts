import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{cli,policies,checks,loadtests,sandbox,docs}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    reporters: ["default", "./cli/build/left-out-reporter.ts"],
    globalSetup: ["./cli/build/leak-check.ts"],
    pool: "threads",
    // Most tests wait for programs that they started; by default a machine with two processors would run one at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
