import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask, own, until } from "./lib/atrium.ts";

const STORED_WITHIN_MS = 60_000; // Sums are stored every 15 s.

/** What endpoints and engines do is found in the project's logs and metrics by the endpoint's name. */
export async function telling(checks: Checks, server: Server): Promise<void> {
  await metrics(checks, server);
  const engine = await lines(server, "role=engine,endpoint=odd");
  checks.that(
    "what a model prints is in its endpoint's log, with deployment and model version",
    engine.some(
      ({ message, labels }) =>
        message === "a line of the model" &&
        labels.deployment === "1" &&
        labels.model === "scripted" &&
        labels.version === "1",
    ),
    engine.slice(0, 5),
  );
  const endpoint = await lines(server, "role=endpoint,endpoint=odd");
  const said = endpoint.map(({ message }) => message).join("\n");
  for (const [what, form] of [
    ["a request that failed", /answered 503: .*ended while it worked/],
    ["an engine that starts again", /starts again: .*status 3/],
    ["a routing that answers", /Revision 1 answers: 100 % to deployment 1 \(scripted\/1\)/],
  ] as const)
    checks.that(`the endpoint's log tells of ${what}`, form.test(said), said);
}

async function metrics(checks: Checks, server: Server): Promise<void> {
  const value = async (query: string): Promise<Record<string, number>> => {
    const route = `GET /prometheus/api/v1/query?query=${encodeURIComponent(query)}` as const;
    const { body } = await ask(server, route);
    const found = (body.data?.result ?? []) as { metric: Record<string, string>; value: [number, string] }[];
    return Object.fromEntries(found.map((one) => [Object.values(one.metric).join(), Number(one.value[1])]));
  };
  /** Sums are stored now and then: what has just happened may come a little later. */
  const stored = (query: string, suffices: (found: Record<string, number>) => boolean) =>
    until(() => value(query), suffices, STORED_WITHIN_MS);
  const first = (found: Record<string, number>) => Object.values(found)[0] ?? 0;
  const atLeast = (least: number) => (found: Record<string, number>) => first(found) >= least;

  const requests = await stored(
    'sum by (deployment) (serving_requests_total{endpoint="by-onnx",status="200"})',
    (found) => Object.keys(found).length === 2,
  );
  const [one = 0, two = 0] = [requests["1"], requests["2"]];
  checks.that("requests are counted by deployment", one > two && two > 0, requests);
  const odd = await stored(
    'serving_requests_total{endpoint="stuck",model="scripted",version="1",status="504"}',
    atLeast(1),
  );
  checks.that("and by the status of their answer", first(odd) >= 1, odd);
  const who = await stored(
    'sum by (served_by, cohort) (serving_predictions_total{endpoint="rides"})',
    (found) => Object.keys(found).length >= 4,
  );
  checks.that(
    "predictions are counted by who made them, and for whom",
    (who["model,known"] ?? who["known,model"] ?? 0) > 0 && Object.keys(who).length >= 4,
    who,
  );
  const p95 = await stored(
    'histogram_quantile(0.95, sum by (le) (serving_request_seconds_bucket{endpoint="by-onnx"}))',
    (found) => first(found) > 0,
  );
  checks.that("a latency has its quantile", first(p95) > 0, p95);
  const memory = await stored('serving_engine_memory_bytes{endpoint="by-pyfunc"}', atLeast(1));
  checks.that("an engine's memory is measured", first(memory) > 2 ** 20, memory);
  const restarts = await stored('sum(serving_engine_restarts_total{endpoint="odd"})', atLeast(1));
  checks.that("and how often it started again", first(restarts) >= 1, restarts);
}

interface Line {
  message: string;
  labels: Record<string, string>;
}

async function lines(server: Server, labels: string): Promise<Line[]> {
  const found = await own(server, `GET /logs?labels=${encodeURIComponent(labels)}&pageSize=500`);
  return found.items;
}
