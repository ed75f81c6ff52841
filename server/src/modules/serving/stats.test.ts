import { afterEach, beforeEach, expect, test } from "vitest";
import type { Actor } from "#modules/identity";
import type { Database } from "#ports/database";
import { openTestDatabase } from "../../testing/database.ts";
import { addUp, bucketOf } from "./latency-scale.ts";
import * as logQueries from "./log-queries.ts";
import { createPredictionNews } from "./prediction-news.ts";
import * as queries from "./queries.ts";
import { createStats } from "./stats.ts";
import type { DeploymentRow, MinuteRow } from "./tables.ts";
import { showRevision } from "./view.ts";

const MINUTE_MS = 60_000;
const START_MS = 1_790_000_040_000; // A whole minute.
const ADA: Actor = {
  kind: "user",
  id: "ada",
  name: "Ada",
  via: { kind: "process", id: "test" },
  request: { id: "r", ip: "127.0.0.1", userAgent: "test" },
};

let db: Database;
let told: { kind: string; key: string }[];
let nowMs: number;

beforeEach(async () => {
  db = await openTestDatabase();
  told = [];
  nowMs = START_MS + 60 * MINUTE_MS;
});
afterEach(() => db.close());

/** Neighbours keep what they were told. */
function neighbours() {
  return {
    db,
    clock: { now: () => nowMs },
    access: {
      require: async () => {},
      can: async () => true,
      visible: async () => ({ all: true as const }),
      visibleProjects: async () => [],
    },
    audit: {
      record: async () => {},
      recordAccess: async (
        _actor: unknown,
        { action, resource }: { action: string; resource: { id: string } },
      ) => {
        told.push({ kind: action, key: resource.id });
      },
    },
    events: {
      announce: async (_tx: unknown, { kind, key }: { kind: string; key: string }) => {
        told.push({ kind, key });
      },
      follow: async () => () => {},
    },
  };
}

async function addEndpoint(id: string, projectId: string): Promise<void> {
  await db.transaction((tx) =>
    queries.addEndpoint(tx, {
      id,
      project_id: projectId,
      name: `name-of-${id}`,
      description: "",
      input: '{"kind":"direct"}',
      revision: 0,
      last_deployment: 0,
      example: "",
      created_by: "Ada",
      created_ms: START_MS,
      updated_ms: START_MS,
    }),
  );
}

function minuteOf(
  endpointId: string,
  minute: number,
  counted: { predictions: number; errors: number },
): MinuteRow {
  const counts: number[] = [];
  counts[bucketOf(8)] = counted.predictions;
  return {
    endpoint_id: endpointId,
    minute_ms: START_MS + minute * MINUTE_MS,
    deployment_id: "d1",
    served_by: "model",
    cohort: "known",
    ...counted,
    latencies: JSON.stringify(addUp([counts])),
  };
}

async function addMinute(row: MinuteRow): Promise<void> {
  await db.transaction((tx) => logQueries.saveMinute(tx, row));
}

/** A log with a minute of one endpoint, and of a stranger, that are no segment yet. */
const log = {
  notLogged: () => 0,
  withOpenMinutes: <T>(_id: string, read: (open: MinuteRow[]) => Promise<T>) => read([]),
  withAllOpenMinutes: <T>(read: (open: MinuteRow[]) => Promise<T>) =>
    read([
      minuteOf("a", 40, { predictions: 3, errors: 0 }),
      minuteOf("c", 40, { predictions: 7, errors: 0 }),
    ]),
};

test("a list's numbers are those of its own project's endpoints, in steps, and reading them is recorded", async () => {
  await addEndpoint("a", "p1");
  await addEndpoint("b", "p1");
  await addEndpoint("c", "p2");
  await addMinute(minuteOf("a", 0, { predictions: 10, errors: 1 }));
  await addMinute(minuteOf("a", 1, { predictions: 5, errors: 0 }));
  await addMinute(minuteOf("a", 40, { predictions: 2, errors: 0 }));
  await addMinute(minuteOf("c", 0, { predictions: 99, errors: 0 }));
  const stats = createStats(neighbours(), log);
  const asked = { fromMs: START_MS, toMs: START_MS + 60 * MINUTE_MS, buckets: 30 };
  const { stepMs, items } = await stats.allStats(ADA, "p1", asked);
  expect(stepMs).toBe(2 * MINUTE_MS);
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ endpoint: "name-of-a", predictions: 20, errors: 1 });
  expect(items[0]?.buckets.map(({ predictions }) => predictions)).toEqual([15, 5]);
  expect(items[0]?.latencyMs?.p95).toBeGreaterThan(6);
  expect(told).toEqual([{ kind: "endpoint.searched", key: "p1" }]);
});

test("a list's numbers are refused for more than a day", async () => {
  const stats = createStats(neighbours(), log);
  const asked = { fromMs: 0, toMs: 25 * 3_600_000, buckets: 30 };
  await expect(stats.allStats(ADA, "p1", asked)).rejects.toMatchObject({ code: "invalid" });
});

test("a revision tells what its deployments were, also of those that have ended", () => {
  const deployments = new Map<string, Pick<DeploymentRow, "number" | "model_name" | "model_version">>([
    ["d7", { number: 7, model_name: "delay", model_version: 3 }],
  ]);
  const row = {
    endpoint_id: "a",
    number: 2,
    routes: '[{"deployment":"d7","weight":100}]',
    why: "traffic" as const,
    at_ms: START_MS,
    made_by: "Ada",
  };
  expect(showRevision(row, deployments).routes).toEqual([
    { deployment: "d7", weight: 100, number: 7, model: { name: "delay", version: 3 } },
  ]);
});

test("that an endpoint was asked is told at once, and not again for each request", async () => {
  const news = createPredictionNews({ ...neighbours(), log: { warn: () => {}, error: () => {} } });
  const endpoint = { id: "a", projectId: "p1", name: "name-of-a" };
  for (let requests = 0; requests < 5; requests++) news.tell(endpoint);
  await expect.poll(() => told).toEqual([{ kind: "prediction.logged", key: "a" }]);
  news.tell(endpoint);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(told).toHaveLength(1);
  news.stop();
});
