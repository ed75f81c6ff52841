import { defineConfig } from "vitest/config";

const EVERYWHERE_ELSE = ["contract", "cli", "checks", "bench"].map((folder) => `${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    reporters: ["default", "./checks/src/closing-line.ts"],
    projects: [
      { test: { name: "unit", include: ["server/src/**/*.test.ts", ...EVERYWHERE_ELSE] } },
      { test: { name: "web", environment: "happy-dom", include: ["web/src/**/*.test.{ts,tsx}"] } },
      // The same tests of the server, with openTestDatabase() on the PostgreSQL that ATRIUM_TEST_POSTGRES_URL names.
      {
        test: {
          name: "postgres",
          include: ["server/src/**/*.test.ts"],
          env: { ATRIUM_TEST_ENGINE: "postgres" },
        },
      },
    ],
  },
});
