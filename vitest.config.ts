import { defineConfig } from "vitest/config";

const EVERYWHERE_ELSE = ["contract", "cli", "checks", "bench"].map((folder) => `${folder}/**/*.test.ts`);

// A test says what holds, not how fast: on two busy cores everything takes ten times as long, and only a hang is a failure.
const PATIENCE = { testTimeout: 30_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    reporters: ["default", "./checks/src/closing-line.ts"],
    projects: [
      { test: { name: "unit", include: ["server/src/**/*.test.ts", ...EVERYWHERE_ELSE], ...PATIENCE } },
      {
        test: { name: "web", environment: "happy-dom", include: ["web/src/**/*.test.{ts,tsx}"], ...PATIENCE },
      },
      // The whole program in a real browser: one server and one build for all files, so the files take turns.
      {
        test: {
          name: "browser",
          include: ["web/browser/*.browser.ts"],
          globalSetup: "web/browser/setup.ts",
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 60_000,
        },
      },
      // The sample as it builds itself on a server of its own, walked from end to end.
      {
        test: {
          name: "sample",
          include: ["web/browser/sample/*.browser.ts"],
          globalSetup: "web/browser/sample/setup.ts",
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 60_000,
        },
      },
      // The same tests of the server, with openTestDatabase() on the PostgreSQL that ATRIUM_TEST_POSTGRES_URL names.
      {
        test: {
          name: "postgres",
          include: ["server/src/**/*.test.ts"],
          env: { ATRIUM_TEST_ENGINE: "postgres" },
          ...PATIENCE,
        },
      },
    ],
  },
});
