import { DURATION_BUCKETS } from "#lib/metrics";
import { createDeploymentSums, type DeploymentSums } from "./deployment-sums.ts";
import type { EndpointPoint, ServingDeps } from "./deps.ts";
import { type LiveDeployment, type LiveEndpoint, labelsOf } from "./live.ts";

const STORE_EVERY_MS = 15_000; // As often as the process's own metrics, so that charts of both have one step.
const MIB = 1024 * 1024;
const BOUNDS = [...DURATION_BUCKETS.map(String), "+Inf"];

export interface AnsweredCall {
  live: LiveEndpoint;
  deployment: LiveDeployment;
  status: number;
  tookMs: number;
  rows: number;
  marks: readonly { cohort: string; servedBy: string }[] | undefined;
}

/** What endpoints and their engines do, as metrics of their project: names and labels are those of the guide. */
export interface EndpointNumbers {
  /** Adds to sums in memory; whoever answers requests never waits for the store. */
  count(call: AnsweredCall): void;
  /** Predictions that were answered and are not in the log. */
  lost(live: LiveEndpoint, rows: number): void;
  start(): void;
  /** Stores what is left. */
  stop(): Promise<void>;
}

type Open = { projectId: string; name: string; deployment: LiveDeployment };

interface Loss {
  projectId: string;
  endpoint: string;
  rows: number;
}

interface Standing {
  projectId: string;
  labels: Readonly<Record<string, string>>;
  sums: DeploymentSums;
  /** Of its engine when this was last looked at. */
  restarts: number;
}

const HELP = {
  serving_requests_total: "Requests, by the status of their answer.",
  serving_request_seconds_bucket: "Requests that took at most so long, with their waiting.",
  serving_request_seconds_sum: "Seconds that requests took, with their waiting.",
  serving_request_seconds_count: "Requests whose duration was measured.",
  serving_predictions_total: "Rows that were answered, by who answered them for whom.",
  serving_predictions_not_logged_total:
    "Predictions that were answered and are missing in the prediction log.",
  serving_engine_restarts_total: "Engine processes that ended and were started again.",
  serving_engine_queued: "Requests that wait for an engine.",
  serving_engine_in_flight: "Requests that an engine works on.",
  serving_engine_memory_bytes: "Resident memory of an engine's processes.",
} as const;

export function createEndpointNumbers(
  deps: Pick<ServingDeps, "clock" | "log" | "recordMetrics">,
  deployments: () => Iterable<Open>,
): EndpointNumbers {
  const { clock, log } = deps;
  const standing = new Map<LiveDeployment, Standing>();
  let losses = new Map<string, Loss>();
  let timer: NodeJS.Timeout | undefined;
  let storing: Promise<void> = Promise.resolve();

  return {
    count(call) {
      const { live, deployment } = call;
      of({ projectId: live.projectId, name: live.name, deployment }).sums.add(call);
    },
    lost: ({ id, projectId, name }, rows) => lose(id, { projectId, endpoint: name, rows }),
    start() {
      timer = setInterval(() => void store(), STORE_EVERY_MS);
      timer.unref();
    },
    stop() {
      clearInterval(timer);
      return store();
    },
  };

  function of({ projectId, name, deployment }: Open): Standing {
    const known = standing.get(deployment);
    if (known !== undefined) return known;
    const made = { projectId, labels: labelsOf(name, deployment), sums: createDeploymentSums(), restarts: 0 };
    standing.set(deployment, made);
    return made;
  }

  /** One after another. What could not be stored is stored with the next: a sum is emptied only then. */
  function store(): Promise<void> {
    storing = storing.then(async () => {
      const atMs = clock.now();
      const open = [...deployments()];
      const lostNow = losses;
      losses = new Map();
      const all = [...open.flatMap((one) => engineOf(one, atMs)), ...lossesOf(lostNow, atMs)];
      const taken = [...standing.values()].map((one) => ({ one, ...one.sums.take() }));
      for (const { one, sums } of taken) all.push(...pointsOf(one, sums, atMs));
      for (const [projectId, own] of Map.groupBy(all, (each) => each.projectId)) {
        const points = own.map(({ point }) => point);
        try {
          const { lost, reason } = await deps.recordMetrics(projectId, points);
          if (lost > 0)
            log.warn("numbers of endpoints were not stored", { project: projectId, lost, reason });
        } catch (error) {
          for (const { one, giveBack } of taken) if (one.projectId === projectId) giveBack();
          for (const [id, loss] of lostNow) if (loss.projectId === projectId) lose(id, loss);
          log.warn("numbers of endpoints have to wait", { project: projectId, error });
        }
      }
      const ids = new Set(open.map(({ deployment }) => deployment));
      for (const [deployment, { sums }] of standing)
        if (!ids.has(deployment) && sums.isEmpty()) standing.delete(deployment);
    });
    return storing;
  }

  function engineOf(one: Open, atMs: number): Placed[] {
    const stats = one.deployment.engine?.stats();
    if (stats === undefined) return [];
    const own = of(one);
    const restarts = Math.max(0, stats.restarts - own.restarts);
    own.restarts = stats.restarts;
    const memory = stats.copies.reduce((sum, copy) => sum + copy.rssMiB * MIB, 0);
    return [
      place(own, "serving_engine_queued", { atMs, value: stats.queued, kind: "gauge" }),
      place(own, "serving_engine_in_flight", { atMs, value: stats.inFlight, kind: "gauge" }),
      place(own, "serving_engine_memory_bytes", { atMs, value: memory, kind: "gauge" }),
      place(own, "serving_engine_restarts_total", { atMs, value: restarts, kind: "counter" }),
    ];
  }

  function lose(id: string, { rows, ...of }: Loss): void {
    losses.set(id, { ...of, rows: (losses.get(id)?.rows ?? 0) + rows });
  }
}

function lossesOf(losses: ReadonlyMap<string, Loss>, atMs: number): Placed[] {
  return [...losses.values()].map(({ projectId, endpoint, rows: value }) =>
    place({ projectId, labels: { endpoint } }, "serving_predictions_not_logged_total", {
      ...{ atMs, value, kind: "counter" },
    }),
  );
}

interface Placed {
  projectId: string;
  point: EndpointPoint;
}

type Sums = ReturnType<DeploymentSums["take"]>["sums"];

/** A bucket of the exposition counts all at or below its bound, while in memory each counts its own. */
function pointsOf(own: Standing, sums: Sums, atMs: number): Placed[] {
  if (sums.requests.size === 0) return [];
  const put = (name: keyof typeof HELP, value: number, more: Record<string, string> = {}): Placed =>
    place({ ...own, labels: { ...own.labels, ...more } }, name, { atMs, value, kind: "counter" });
  let count = 0;
  const buckets = BOUNDS.map((le, at) => {
    count += sums.buckets[at] ?? 0;
    return put("serving_request_seconds_bucket", count, { le });
  });
  return [
    ...[...sums.requests].map(([status, value]) =>
      put("serving_requests_total", value, { status: String(status) }),
    ),
    ...buckets,
    put("serving_request_seconds_count", count),
    put("serving_request_seconds_sum", sums.seconds),
    ...[...sums.predictions].map(([who, value]) => {
      const [served_by = "", cohort = ""] = who.split(" ");
      return put("serving_predictions_total", value, { served_by, cohort });
    }),
  ];
}

function place(
  { projectId, labels }: Pick<Standing, "projectId" | "labels">,
  name: keyof typeof HELP,
  { atMs, value, kind }: { atMs: number; value: number; kind: "counter" | "gauge" },
): Placed {
  const counts = kind === "gauge" ? "total" : "increment";
  return { projectId, point: { name, kind, unit: "", help: HELP[name], labels, atMs, value, counts } };
}
