import type { Job } from "#lib/jobs";
import type { MonitoringDeps } from "./deps.ts";
import * as alerts from "./queries/alerts.ts";
import { removeEndedBefore } from "./queries/deliveries.ts";
import * as monitors from "./queries/monitors.ts";
import type { Rounds } from "./rounds.ts";
import type { createSending } from "./sending.ts";
import type { Telling } from "./telling.ts";

const HOUR_MS = 3600 * 1000;
const LOOK_EVERY_MS = 5000; // How long a window that is due waits at most; a look costs one indexed read.
const SEND_EVERY_MS = 2000;
const BATCH = 100;
const DELIVERIES_KEPT_MS = 30 * 24 * HOUR_MS; // The log of what was sent, for people who ask why they heard nothing.
const REMOVED_A_STEP = 500; // Some milliseconds of the writer.

export interface MonitoringWork {
  rounds: Rounds;
  telling: Telling;
  sending: ReturnType<typeof createSending>;
  projectIds(): Promise<readonly string[]>;
}

/** What the worker does for monitoring. All of it may be done twice, and goes on where a kill left it. */
export function jobsOf(deps: Pick<MonitoringDeps, "db" | "clock">, work: MonitoringWork): Job[] {
  const { db, clock } = deps;
  return [
    { name: "monitoring-windows", everyMs: LOOK_EVERY_MS, run: lookAtAll },
    { name: "monitoring-telling", everyMs: SEND_EVERY_MS, run: tell },
    { name: "monitoring-sweep", everyMs: HOUR_MS, run: sweep },
  ];

  async function lookAtAll(signal: AbortSignal): Promise<void> {
    const problems: unknown[] = [];
    for (const monitor of await monitors.dueMonitors(db.reader, clock.now(), BATCH)) {
      if (signal.aborted) return;
      // One monitor's trouble is not that of the others.
      await work.rounds.look(monitor, signal).catch((thrown: unknown) => problems.push(thrown));
    }
    if (problems.length > 0) throw problems[0];
  }

  /** Tells of incidents that a silence has kept quiet until now, and sends what waits. */
  async function tell(signal: AbortSignal): Promise<void> {
    let after = "";
    for (;;) {
      const quiet = await alerts.untold(db.reader, after, BATCH);
      for (const { id } of quiet) {
        await db.transaction(async (tx) => {
          const row = await alerts.incidentToChange(tx, id);
          const stands = row !== undefined && row.state !== "resolved" && row.told_ms === null;
          if (stands) await work.telling.tellOpened(tx, row);
        });
      }
      const last = quiet.at(-1);
      if (last === undefined || quiet.length < BATCH || signal.aborted) break;
      after = last.id;
    }
    await work.sending.sendDue(signal);
  }

  async function sweep(signal: AbortSignal): Promise<void> {
    let removed = REMOVED_A_STEP;
    while (removed === REMOVED_A_STEP && !signal.aborted) {
      const beforeMs = clock.now() - DELIVERIES_KEPT_MS;
      removed = await db.transaction((tx) => removeEndedBefore(tx, beforeMs, REMOVED_A_STEP));
    }
    // Ours first: a project made between the two questions must not look like a purged one.
    const ours = await monitors.projectsWithRows(db.longReader);
    const standing = new Set(await work.projectIds());
    for (const projectId of ours.filter((id) => !standing.has(id))) {
      await db.transaction((tx) => monitors.removeProject(tx, projectId));
    }
  }
}
