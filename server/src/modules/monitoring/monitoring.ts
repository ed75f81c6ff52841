import { createChannels } from "./channels.ts";
import { createCharts } from "./charts.ts";
import type { MonitoringDeps } from "./deps.ts";
import type { Monitoring } from "./door.ts";
import { createGate } from "./gate.ts";
import { createIncidents } from "./incidents.ts";
import { jobsOf } from "./jobs.ts";
import { createJudging } from "./judging.ts";
import { createMonitors } from "./monitors.ts";
import { createReading } from "./reading.ts";
import { createRounds } from "./rounds.ts";
import { createRules } from "./rules.ts";
import { createSending } from "./sending.ts";
import { createTelling } from "./telling.ts";

/** Watches endpoints and datasets: windows that are computed once and for all, rules over them, incidents, channels. */
export function createMonitoring(deps: MonitoringDeps): Monitoring {
  const gate = createGate(deps);
  const reading = createReading(deps);
  const telling = createTelling(deps);
  const judging = createJudging(deps, gate, telling);
  const rounds = createRounds(deps, reading, judging);
  const sending = createSending(deps);
  const projectIds = async () => (await deps.projects.all()).map(({ id }) => id);
  return {
    monitors: createMonitors(deps, gate, reading),
    charts: createCharts(deps, gate),
    rules: createRules(deps, gate),
    incidents: createIncidents(deps, gate, telling),
    channels: createChannels(deps, gate),
    jobs: jobsOf(deps, { rounds, telling, sending, projectIds }),
  };
}
