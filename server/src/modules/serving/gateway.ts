import type { PredictAnswer } from "@atrium/contract/serving";
import { AppError, statusOf, toAppError } from "#lib/errors";
import { newId, newIdAt } from "#lib/ids";
import { DURATION_BUCKETS } from "#lib/metrics";
import type { Engine } from "#ports/engines";
import type { ServingDeps } from "./deps.ts";
import type { Call, Described, Gateway, InferenceStats, Replay, Served } from "./door.ts";
import type { EndpointLog } from "./endpoint-log.ts";
import type { EndpointNumbers } from "./endpoint-numbers.ts";
import { joinRows } from "./join.ts";
import { type LiveDeployment, type LiveEndpoint, signatureOf } from "./live.ts";
import { cellsOf, columnsOfRows, outputCells, scoringCells } from "./logged-cells.ts";
import { predictionIds } from "./prediction-id.ts";
import type { Cells, PredictionLog } from "./prediction-log.ts";
import { pick } from "./routing.ts";
import { predictionsOf, type Row, tensorsOf } from "./rows.ts";
import { readScoring, type Scoring, tensorsOfScoring } from "./scoring-body.ts";
import type { Supervisor } from "./supervisor.ts";

const TRIES_MAX = 3; // A deployment that is taken off while a request waits for it hands the request on.
const RETRY_SECONDS = 1; // An engine that died is back within about that time.

/** Answers requests by what is held in memory; the database may be away. */
export function createGateway(
  deps: ServingDeps,
  parts: {
    supervisor: Supervisor;
    predictionLog: PredictionLog;
    numbers: Pick<EndpointNumbers, "count">;
    endpointLog: Pick<EndpointLog, "failed">;
  },
): Gateway {
  const { supervisor, predictionLog, numbers, endpointLog } = parts;
  const { metrics } = deps;
  const requests = metrics.counter({
    name: "serving_requests_total",
    help: "Requests to endpoints, by the status of their answer.",
    labels: ["endpoint", "version", "status"],
  });
  const seconds = metrics.histogram({
    name: "serving_request_seconds",
    help: "Duration of requests to endpoints, with their waiting.",
    labels: ["endpoint", "version"],
    buckets: DURATION_BUCKETS,
  });
  return { infer, predict, score, describe, names: supervisor.names };

  async function infer(call: Call, inputs: Parameters<Gateway["infer"]>[1]): ReturnType<Gateway["infer"]> {
    const rows = inputs[0]?.shape[0] ?? 1;
    return invoke(call, { rows }, async (engine, deployment) => {
      const outputs = await engine.infer(inputs, callOf(call, deployment));
      return {
        answer: { outputs },
        cells: () => ({ inputs: cellsOf(inputs, rows), outputs: cellsOf(outputs, rows) }),
      };
    });
  }

  async function score(call: Call, body: Parameters<Gateway["score"]>[1]): ReturnType<Gateway["score"]> {
    const scoring = readScoring(body);
    return invoke(call, { rows: Math.max(1, scoring.count) }, async (engine, deployment) => {
      const json = await scoreWith(engine, deployment, { call, body, scoring });
      return { answer: { json }, cells: () => scoringCells(scoring, json) };
    });
  }

  async function scoreWith(
    engine: Engine,
    deployment: LiveDeployment,
    given: { call: Call; body: Parameters<Gateway["score"]>[1]; scoring: Scoring },
  ): Promise<Buffer> {
    const call = callOf(given.call, deployment);
    const { scoring, body } = given;
    if (deployment.engineKind === "pyfunc")
      return (await engine.predict({ ...body, rows: Math.max(1, scoring.count) }, call)).bytes;
    const outputs = await engine.infer(tensorsOfScoring(engine.signature, deployment.columns, scoring), call);
    return Buffer.from(JSON.stringify({ predictions: predictionsOf(outputs, scoring.count) }));
  }

  async function predict(
    call: Call,
    instances: readonly Record<string, unknown>[],
    replay: Replay = {},
  ): Promise<PredictAnswer> {
    const live = find(call);
    const times = timesOf(replay, instances.length, deps.clock.now());
    const joined = await joinRows(deps.features, live, instances);
    const asked = joined.filter((one) => one.ask === "model");
    const served = await invoke(
      call,
      { rows: instances.length, marks: joined, times, idle: asked.length === 0 },
      async (engine, deployment) => {
        const rows = asked.map((one) => narrow(live, deployment, one.row));
        const predictions = rows.length === 0 ? [] : await predictWith(engine, deployment, { call, rows });
        const answers = joined.map((one) => (one.ask === "model" ? predictions.shift() : one.answer));
        return {
          answer: { answers },
          cells: () => ({
            inputs: columnsOfRows(joined.map(({ row }) => row)),
            outputs: outputCells(answers),
          }),
        };
      },
    );
    const { predictionIds: ids, deployment, model, answers } = served;
    return {
      endpoint: live.name,
      deployment,
      model,
      predictions: joined.map(({ servedBy, cohort, share }, row) => ({
        predictionId: ids[row] ?? "",
        prediction: answers[row],
        servedBy,
        cohort,
        defaultedShare: share,
      })),
    };
  }

  interface Work {
    rows: number;
    marks?: readonly Pick<Awaited<ReturnType<typeof joinRows>>[number], "cohort" | "servedBy">[];
    /** Under which each row is logged, where that is not now. */
    times?: readonly number[] | undefined;
    /** No row asks the model: an engine that is not there is no hindrance. */
    idle?: boolean;
  }

  /** Chooses a deployment, lets it work, and tells the log and the metrics how that went. */
  async function invoke<T extends object>(
    call: Call,
    work: Work,
    run: (engine: Engine, deployment: LiveDeployment) => Promise<{ answer: T; cells: () => Cells }>,
  ): Promise<Served & T> {
    const startedMs = performance.now();
    const atMs = deps.clock.now();
    const id = newId();
    for (let tries = 1; ; tries += 1) {
      const live = find(call);
      const deployment = choose(live, call);
      const ids = idsOf(live, { ...work, id });
      const about = { live, deployment, ids, atMs, rows: work.rows, marks: work.marks, times: work.times };
      try {
        const engine = deployment.engine ?? (await engineOf(deployment, startedMs, work.idle));
        const { answer, cells } = await run(engine, deployment);
        note({ ...about, status: 200, cells, tookMs: performance.now() - startedMs });
        return {
          predictionIds: ids,
          deployment: String(deployment.number),
          model: deployment.model,
          ...answer,
        };
      } catch (thrown) {
        if (tries < TRIES_MAX && thrown instanceof AppError && thrown.reason === "closed") continue;
        const error = explain(thrown, deployment);
        const status = statusFor(error);
        if (status >= 500) endpointLog.failed(live, deployment, { status, message: error.message });
        note({
          ...about,
          status,
          cells: () => ({ inputs: {}, outputs: {} }),
          tookMs: performance.now() - startedMs,
        });
        throw error;
      }
    }
  }

  function note(of: {
    live: LiveEndpoint;
    deployment: LiveDeployment;
    ids: readonly string[];
    atMs: number;
    rows: number;
    marks: Work["marks"];
    times: Work["times"];
    status: number;
    tookMs: number;
    cells: () => Cells;
  }): void {
    const { live, deployment, status, tookMs } = of;
    const version = String(deployment.model.version);
    deployment.lastMs = of.atMs;
    requests.add(1, live.name, version, String(status));
    seconds.observe(tookMs / 1000, live.name, version);
    numbers.count(of);
    // What the caller got wrong is no prediction, and says nothing about the deployment.
    if (status >= 400 && status < 500) return;
    predictionLog.add({ ...of, latencyMs: tookMs });
  }

  function find({ projectId, endpoint }: Call): LiveEndpoint {
    const live = supervisor.live(projectId, endpoint);
    if (live !== undefined) return live;
    throw new AppError("not_found", `There is no endpoint ${endpoint.slice(0, 100)}.`);
  }

  function choose(live: LiveEndpoint, { version }: Call): LiveDeployment {
    const fitting =
      version === undefined
        ? live.routes
        : live.routes.filter((one) => one.deployment.model.version === version);
    if (version !== undefined && fitting.length === 0)
      throw new AppError("not_found", `Endpoint ${live.name} serves no version ${version}.`);
    const chosen = pick(fitting, Math.random());
    if (chosen !== undefined) return chosen.deployment;
    throw new AppError("unavailable", `Endpoint ${live.name} has no deployment that is ready.`, {
      reason: "restarting",
      retryAfterSeconds: RETRY_SECONDS,
    });
  }

  /** Waits for an engine that starts, as long as the request may wait. */
  async function engineOf(deployment: LiveDeployment, startedMs: number, idle = false): Promise<Engine> {
    const left = () => deployment.settings.timeoutMs - (performance.now() - startedMs);
    if (deployment.engine === undefined && !idle && deployment.local.state !== "failed")
      await Promise.race([deployment.opened, new Promise((resolve) => setTimeout(resolve, left()).unref())]);
    if (deployment.engine !== undefined) return deployment.engine;
    if (idle) return NO_ENGINE;
    throw new AppError("unavailable", `The engine is not there: ${deployment.local.reason}`, {
      reason: "restarting",
      retryAfterSeconds: RETRY_SECONDS,
    });
  }

  function describe(projectId: string, endpoint: string): Described | undefined {
    const live = supervisor.live(projectId, endpoint);
    if (live === undefined) return undefined;
    const deployments = live.routes.map((route) => route.deployment);
    const versions = deployments.map((one) => ({
      model: one.model.name,
      version: one.model.version,
      engine: one.engineKind,
      signature: signatureOf(one),
      ready: one.engine?.state === "ready",
      stats: () => statsOf(one),
    }));
    return { name: live.name, versions, ready: versions.length > 0 && versions.every((one) => one.ready) };
  }
}

/** An id carries its time: rows of a replay have one each, by which their labels and their place in the log are found. */
function idsOf(
  { id: endpointId, idKey }: LiveEndpoint,
  { id, rows, times }: { id: string; rows: number; times?: readonly number[] | undefined },
): string[] {
  if (times === undefined) return predictionIds(idKey, { endpointId, id, rows });
  return times.flatMap((atMs) => predictionIds(idKey, { endpointId, id: newIdAt(atMs), rows: 1 }));
}

/** @throws AppError `invalid` */
function timesOf({ atMs }: Replay, rows: number, nowMs: number): readonly number[] | undefined {
  if (atMs === undefined) return undefined;
  const times = typeof atMs === "number" ? Array.from({ length: rows }, () => atMs) : atMs;
  if (times.length !== rows)
    throw new AppError("invalid", `There are ${times.length} times for ${rows} instances.`, {
      at: "body.atMs",
    });
  if (times.some((one) => one > nowMs))
    throw new AppError("invalid", "A prediction cannot be logged in the future.", { at: "body.atMs" });
  return times;
}

function statsOf({ engine, lastMs }: LiveDeployment): InferenceStats {
  const { answered = 0, failed = 0, queueMs = 0, workMs = 0 } = engine?.stats() ?? {};
  return { answered, failed, lastMs, queueMs, workMs };
}

/** For requests whose every row is answered without the model. */
const NO_ENGINE = {} as Engine;

function callOf({ signal }: Call, { settings }: LiveDeployment) {
  return { deadlineMs: settings.timeoutMs, signal };
}

async function predictWith(
  engine: Engine,
  deployment: LiveDeployment,
  { call, rows }: { call: Call; rows: Row[] },
): Promise<unknown[]> {
  if (deployment.engineKind !== "pyfunc") {
    const outputs = await engine.infer(
      tensorsOf(engine.signature, deployment.columns, rows),
      callOf(call, deployment),
    );
    return predictionsOf(outputs, rows.length);
  }
  const bytes = Buffer.from(JSON.stringify({ dataframe_records: rows }));
  const answer = await engine.predict(
    { contentType: "application/json", bytes, rows: rows.length },
    callOf(call, deployment),
  );
  const { predictions } = JSON.parse(answer.bytes.toString("utf8")) as { predictions?: unknown };
  if (Array.isArray(predictions) && predictions.length === rows.length) return predictions;
  throw new AppError(
    "invalid",
    "The model does not answer one prediction for each row; ask it by /invocations.",
  );
}

/** Of joined features and request values only what the model takes: it is not asked with more. */
function narrow(live: LiveEndpoint, deployment: LiveDeployment, row: Row): Row {
  if (live.input.kind === "direct") return row;
  const names =
    deployment.columns.length > 0
      ? deployment.columns
      : signatureOf(deployment).inputs.map(({ name }) => name);
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(row, name)).map((name) => [name, row[name]]),
  );
}

/** Tells a deadline that passed while the engine was away from one that the model itself did not keep. */
function explain(thrown: unknown, { engine, local }: LiveDeployment): AppError {
  const error = toAppError(thrown);
  if (error.code !== "unavailable") {
    if (error.reason !== "queue_full") return error;
    return new AppError("exhausted", error.message, {
      reason: "queue_full",
      retryAfterSeconds: RETRY_SECONDS,
    });
  }
  const away = engine !== undefined && engine.state === "restarting" && error.reason === "deadline";
  const reason = away ? "restarting" : (error.reason ?? "restarting");
  const message = away ? `${error.message} ${local.reason}`.trim() : error.message;
  return new AppError("unavailable", message, { reason, retryAfterSeconds: RETRY_SECONDS, cause: error });
}

/** The status that the answer will have. */
export function statusFor({ code, reason }: AppError): number {
  return code === "unavailable" && reason === "deadline" ? 504 : statusOf(code);
}
