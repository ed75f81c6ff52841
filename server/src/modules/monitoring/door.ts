import type { Job } from "#lib/jobs";
import type { Channels } from "./channels.ts";
import type { Charts } from "./charts.ts";
import type { Incidents } from "./incidents.ts";
import type { Monitors } from "./monitors.ts";
import type { Rules } from "./rules.ts";

/** Windows over what endpoints and datasets do, rules over those, and who is told. */
export interface Monitoring {
  monitors: Monitors;
  charts: Charts;
  rules: Rules;
  incidents: Incidents;
  channels: Channels;
  /** The worker's rounds: windows, telling, sweeping. */
  jobs: readonly Job[];
}
