import { defineConfig } from "vitest/config";

const EVERYWHERE_ELSE = ["contract", "cli", "checks", "bench"].map((folder) => `${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    reporters: ["default", "./checks/src/closing-line.ts"],
    projects: [
      { test: { name: "unit", include: ["server/src/**/*.test.ts", ...EVERYWHERE_ELSE] } },
      { test: { name: "web", environment: "happy-dom", include: ["web/src/**/*.test.{ts,tsx}"] } },
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
      // The same tests of the server, with openTestDatabase() on the PostgreSQL that ATRIUM_TEST_POSTGRES_URL names.
      {
        test: {
          name: "postgres",
          include: ["server/src/**/*.test.ts"],
          env: { ATRIUM_TEST_ENGINE: "postgres" },
          // Each test makes a database of its own on a cluster that all of them share.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});
