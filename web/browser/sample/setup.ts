import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestProject } from "vitest/node";
import { type Server, startServer } from "../../../conformance/lib/server.ts";
import { createApi } from "../api.ts";
import { buildWeb, enter } from "../place.ts";

const POLL_MS = 250;
const END_MS_MAX = 60_000; // A job that is cancelled has ten seconds of grace.

/** Builds the UI and starts a server on a new data folder: it makes the sample while the tests begin to look. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  buildWeb();
  mkdirSync(join(import.meta.dirname, "../../../shots"), { recursive: true });
  const server = await startServer({ sample: "wanted" });
  const end = async () => {
    await endJobs(server).finally(server.stop);
  };
  try {
    project.provide("place", await enter(server));
  } catch (thrown) {
    await end();
    throw thrown;
  }
  return end;
}

/** Jobs outlive their server: the retraining that the incident began would write on into a folder that goes. */
async function endJobs({ url, token }: Server): Promise<void> {
  const { ours } = createApi(url, token);
  const deadline = performance.now() + END_MS_MAX;
  for (;;) {
    const { items } = await ours<{ items: { id: string }[] }>("GET", "/jobs?state=running");
    if (items.length === 0 || performance.now() > deadline) return;
    await Promise.all(items.map(({ id }) => ours("POST", `/jobs/${id}/cancel`, {})));
    await sleep(POLL_MS);
  }
}
