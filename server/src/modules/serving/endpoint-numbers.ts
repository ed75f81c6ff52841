import { DURATION_BUCKETS } from "#lib/metrics";
import type { Engine } from "#ports/engines";
import type { EndpointPoint, ServingDeps } from "./deps.ts";
import { type LiveDeployment, type LiveEndpoint, labelsOf } from "./live.ts";

const STORE_EVERY_MS = 15_000; // As often as the process's own metrics, so that charts of both have one step.
const SERIES_MAX = 20_000; // As many as a project's store takes; what exceeds it is counted in the process's own metrics alone.
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

interface Family {
  name: string;
  help: string;
  unit: string;
}

const REQUESTS = {
  name: "serving_requests_total",
  help: "Requests, by the status of their answer.",
  unit: "",
};
const SECONDS = {
  name: "serving_request_seconds",
  help: "Duration of requests with their waiting.",
  unit: "s",
};
const PREDICTIONS = {
  name: "serving_predictions_total",
  help: "Rows that were answered, by who answered them.",
  unit: "",
};
const LOST = {
  name: "serving_predictions_not_logged_total",
  help: "Predictions that were answered and are missing in the prediction log.",
  unit: "",
};
const RESTARTS = {
  name: "serving_engine_restarts_total",
  help: "Engine processes that ended and were started again.",
  unit: "",
};
const QUEUED = { name: "serving_engine_queued", help: "Requests that wait for an engine.", unit: "" };
const AT_WORK = { name: "serving_engine_in_flight", help: "Requests that an engine works on.", unit: "" };
const MEMORY = { name: "serving_engine_memory_bytes", help: "Resident memory of its processes.", unit: "B" };

interface Sum {
  projectId: string;
  family: Family;
  /** With the suffix of a histogram's part. */
  name: string;
  labels: Readonly<Record<string, string>>;
  amount: number;
}

export function createEndpointNumbers(
  deps: Pick<ServingDeps, "clock" | "log" | "recordMetrics">,
  deployments: () => Iterable<{ projectId: string; name: string; deployment: LiveDeployment }>,
): EndpointNumbers {
  const { clock, log } = deps;
  const sums = new Map<string, Sum>();
  const restarts = new WeakMap<Engine, number>();
  let timer: NodeJS.Timeout | undefined;
  let storing: Promise<void> = Promise.resolve();

  return {
    count,
    lost: ({ projectId, name }, amount) => add(projectId, LOST, { labels: { endpoint: name }, amount }),
    start() {
      timer = setInterval(() => void store(), STORE_EVERY_MS);
      timer.unref();
    },
    stop() {
      clearInterval(timer);
      return store();
    },
  };

  function count({ live, deployment, status, tookMs, rows, marks }: AnsweredCall): void {
    const { projectId } = live;
    const own = labelsOf(live.name, deployment);
    add(projectId, REQUESTS, { labels: { ...own, status: String(status) }, amount: 1 });
    const seconds = tookMs / 1000;
    const bound = DURATION_BUCKETS.find((one) => seconds <= one);
    const le = bound === undefined ? "+Inf" : String(bound);
    add(projectId, SECONDS, { part: "_bucket", labels: { ...own, le }, amount: 1 });
    add(projectId, SECONDS, { part: "_sum", labels: own, amount: seconds });
    if (status >= 400) return;
    for (const [who, amount] of tally(marks, rows)) {
      const [served_by = "", cohort = ""] = who.split(" ");
      add(projectId, PREDICTIONS, { labels: { ...own, served_by, cohort }, amount });
    }
  }

  function add(
    projectId: string,
    family: Family,
    { part = "", labels, amount }: { part?: string; labels: Record<string, string>; amount: number },
  ): void {
    const key = `${projectId} ${family.name}${part} ${Object.values(labels).join("\0")}`;
    const sum = sums.get(key);
    if (sum !== undefined) sum.amount += amount;
    else if (sums.size < SERIES_MAX)
      sums.set(key, { projectId, family, name: `${family.name}${part}`, labels, amount });
  }

  /** One after another; what could not be stored is added to the next. */
  function store(): Promise<void> {
    storing = storing.then(async () => {
      const atMs = clock.now();
      const taken = [...sums.values()];
      sums.clear();
      countRestarts();
      for (const [projectId, own] of Map.groupBy(taken, (sum) => sum.projectId)) {
        try {
          const { lost, reason } = await deps.recordMetrics(projectId, pointsOf(own, atMs));
          if (lost > 0)
            log.warn("numbers of endpoints were not stored", { project: projectId, lost, reason });
        } catch (error) {
          for (const sum of own) putBack(sum);
          log.warn("numbers of endpoints have to wait", { project: projectId, error });
        }
      }
      await storeEngines(atMs);
    });
    return storing;
  }

  function putBack({ projectId, family, name, labels, amount }: Sum): void {
    add(projectId, family, { part: name.slice(family.name.length), labels: { ...labels }, amount });
  }

  function countRestarts(): void {
    for (const { projectId, name, deployment } of deployments()) {
      if (deployment.engine === undefined) continue;
      const now = deployment.engine.stats().restarts;
      const amount = now - (restarts.get(deployment.engine) ?? 0);
      restarts.set(deployment.engine, now);
      if (amount > 0) add(projectId, RESTARTS, { labels: labelsOf(name, deployment), amount });
    }
  }

  async function storeEngines(atMs: number): Promise<void> {
    const gauges = [...deployments()].flatMap(({ projectId, name, deployment }) => {
      const stats = deployment.engine?.stats();
      if (stats === undefined) return [];
      const labels = labelsOf(name, deployment);
      const memory = stats.copies.reduce((sum, copy) => sum + copy.rssMiB * MIB, 0);
      return [
        { projectId, point: gauge(QUEUED, labels, { atMs, value: stats.queued }) },
        { projectId, point: gauge(AT_WORK, labels, { atMs, value: stats.inFlight }) },
        { projectId, point: gauge(MEMORY, labels, { atMs, value: memory }) },
      ];
    });
    for (const [projectId, own] of Map.groupBy(gauges, (one) => one.projectId)) {
      const points = own.map(({ point }) => point);
      await deps.recordMetrics(projectId, points).catch((error: unknown) => {
        log.warn("numbers of engines were not stored", { project: projectId, error });
      });
    }
  }
}

function tally(
  marks: readonly { cohort: string; servedBy: string }[] | undefined,
  rows: number,
): Map<string, number> {
  if (marks === undefined) return new Map([["model known", rows]]);
  const counts = new Map<string, number>();
  for (const { servedBy, cohort } of marks) {
    const key = `${servedBy} ${cohort}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Each series once: a bucket of the exposition counts all at or below its bound, while in memory each counts its own. */
function pointsOf(sums: readonly Sum[], atMs: number): EndpointPoint[] {
  const merged = new Map<string, EndpointPoint>();
  const put = (sum: Sum): void => {
    const key = `${sum.name} ${Object.values(sum.labels).join("\0")}`;
    const standing = merged.get(key);
    if (standing === undefined) merged.set(key, increment(sum, atMs));
    else standing.value += sum.amount;
  };
  for (const sum of sums) {
    if (sum.name !== `${SECONDS.name}_bucket`) {
      put(sum);
      continue;
    }
    const { le = "", ...labels } = sum.labels;
    for (const bound of BOUNDS.slice(BOUNDS.indexOf(le))) put({ ...sum, labels: { ...labels, le: bound } });
    put({ ...sum, name: `${SECONDS.name}_count`, labels });
  }
  return [...merged.values()];
}

function increment({ family, name, labels, amount }: Sum, atMs: number): EndpointPoint {
  const { help, unit } = family;
  return { name, kind: "counter", help, unit, labels, atMs, value: amount, counts: "increment" };
}

function gauge(
  { name, help, unit }: Family,
  labels: Readonly<Record<string, string>>,
  { atMs, value }: { atMs: number; value: number },
): EndpointPoint {
  return { name, kind: "gauge", help, unit, labels, atMs, value, counts: "total" };
}
