import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{cli,policies,checks,loadtests,sandbox,docs}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    reporters: ["default", "./cli/build/left-out-reporter.ts"],
    globalSetup: ["./cli/build/leak-check.ts"],
    pool: "threads",
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
