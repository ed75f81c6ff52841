import type { Job } from "#lib/jobs";
import type { TelemetryKeeping } from "./telemetry.ts";

const JOIN_EVERY_MS = 60_000; // A quiet log leaves sixty small rows in that time.
const CHUNK_EVERY_MS = 30_000; // A busy sender leaves some dozen rows in that time.
const FORGET_EVERY_MS = 3600 * 1000;

/** What the worker does for telemetry: joins the small rows of quiet logs, makes chunks of points, and forgets what is old or too much. */
export function telemetryJobs({ keeping }: { keeping: TelemetryKeeping }): Job[] {
  return [
    { name: "telemetry.join", everyMs: JOIN_EVERY_MS, run: keeping.joinSmallLogs },
    { name: "telemetry.chunk", everyMs: CHUNK_EVERY_MS, run: keeping.chunkPoints },
    { name: "telemetry.forget", everyMs: FORGET_EVERY_MS, run: keeping.forgetOld },
  ];
}
