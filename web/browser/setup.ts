import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startServer } from "../../conformance/lib/server.ts";
import { createApi } from "./api.ts";
import { seed } from "./seed.ts";

const ROOT = join(import.meta.dirname, "../..");
const PERSON = { email: "mira@example.org", displayName: "Mira Okafor", password: "twelve green umbrellas" };

/** What every test gets: one server with data in it, and somebody who is signed in as its owner. */
export interface Place {
  url: string;
  /** The owner's token, for programs that write while a page looks on. */
  token: string;
  session: { name: string; value: string };
  person: typeof PERSON;
  seeded: Awaited<ReturnType<typeof seed>>;
}

declare module "vitest" {
  interface ProvidedContext {
    place: Place;
  }
}

/** Builds the UI, starts one server for all tests, fills it through the routes that clients use. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  execFileSync(process.execPath, [join(ROOT, "web/node_modules/vite/bin/vite.js"), "build"], {
    cwd: join(ROOT, "web"),
    // The test runner's own mode would build React for development.
    env: { ...process.env, NODE_ENV: "production" },
    stdio: "pipe",
  });
  rmSync(join(ROOT, "shots"), { recursive: true, force: true });
  mkdirSync(join(ROOT, "shots"));
  const server = await startServer();
  try {
    const { url, token } = server;
    const api = createApi(url, token);
    const seeded = await seed(api);
    const link = await api.invite(PERSON.email);
    const session = await api.accept(link, PERSON);
    project.provide("place", { url, token, session, person: PERSON, seeded });
  } catch (thrown) {
    await server.stop();
    throw thrown;
  }
  return () => server.stop();
}
