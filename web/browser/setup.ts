import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startServer } from "../../conformance/lib/server.ts";
import { createApi } from "./api.ts";
import { buildWeb, enter } from "./place.ts";
import { seed } from "./seed.ts";

const SHOTS = join(import.meta.dirname, "../../shots");

/** Builds the UI, starts one server for all tests, fills it through the routes that clients use. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  buildWeb();
  rmSync(SHOTS, { recursive: true, force: true });
  mkdirSync(SHOTS);
  const server = await startServer();
  try {
    project.provide("seeded", await seed(createApi(server.url, server.token)));
    project.provide("place", await enter(server));
  } catch (thrown) {
    await server.stop();
    throw thrown;
  }
  return () => server.stop();
}
