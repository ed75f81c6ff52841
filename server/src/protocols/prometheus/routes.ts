import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Clock } from "#lib/clock";
import { AppError } from "#lib/errors";
import { sendPromError } from "./errors.ts";
import { metadataOf } from "./metadata.ts";
import { evaluateAt, evaluateRange, LOOKBACK_MS, samplesAt } from "./promql/evaluate.ts";
import { badData } from "./promql/fault.ts";
import { parseQuery } from "./promql/parse.ts";
import { findSeries, labelsOf, loaderFor, type SeriesDoor } from "./series.ts";
import { instantData, matrixData } from "./wire/answer.ts";
import { lengthMs, limitOf, type Params, paramsOf, required, stepsOf, timeMs } from "./wire/params.ts";

const FORM_BYTES_MAX = 256 * 1024; // A form holds a query, or some hundred selectors.
const TIMEOUT_MS = 30_000; // Of one query; theirs is two minutes, and nobody looks at a chart that long.
const LISTED_MAX = 20_000; // As many series as a project has.
const SELECTORS_MAX = 100;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
// Which of their versions we answer like: dashboards ask what they may use by it.
const SPOKEN_VERSION = "3.0.0";

export interface PrometheusDeps {
  telemetry: SeriesDoor;
  clock: Clock;
}

type Answer = (request: FastifyRequest, params: Params) => Promise<unknown>;

/**
 * The query API of Prometheus over the metrics of the token's project.
 * @remarks Wire format: prometheus.io/docs/prometheus/latest/querying/api.
 */
export async function mountPrometheus(app: FastifyInstance, deps: PrometheusDeps): Promise<void> {
  await app.register(
    async (scope) => {
      scope.setErrorHandler(sendPromError);
      takeForms(scope);
      mount(scope, "/query", (request, params) => query(deps, request, params));
      mount(scope, "/query_range", (request, params) => queryRange(deps, request, params));
      mount(scope, "/series", (request, params) => series(deps, request, params));
      mount(scope, "/labels", (request, params) => labels(deps, request, params));
      mount(scope, "/label/:name/values", (request, params) => labelValues(deps, request, params));
      mount(scope, "/metadata", (request, params) => metadata(deps, request, params));
      mount(scope, "/status/buildinfo", buildInfo);
      scope.setNotFoundHandler((request) => {
        const path = request.url.split("?", 1)[0]?.slice(0, 200);
        throw new AppError("not_found", `unsupported by this server: ${request.method} ${path}`);
      });
    },
    { prefix: "/prometheus/api/v1" },
  );
  // Clients ask the server's own address whether somebody is there.
  for (const path of ["/prometheus", "/prometheus/-/ready", "/prometheus/-/healthy"])
    app.get(path, { config: { permission: "public" } }, async (_request, reply) =>
      reply
        .type("text/plain; charset=utf-8")
        .send("Atrium answers Prometheus queries below /prometheus/api/v1.\n"),
    );
}

function takeForms(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: FORM_BYTES_MAX },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );
  scope.addContentTypeParser("*", (request, payload, done) => {
    payload.resume();
    done(
      request.is404 ? null : badData("a POST brings its parameters as application/x-www-form-urlencoded"),
      undefined,
    );
  });
}

function mount(scope: FastifyInstance, url: string, answer: Answer): void {
  scope.route({
    method: ["GET", "POST"],
    url,
    exposeHeadRoute: false,
    config: { permission: "telemetry:read", scope: "project" },
    handler: async (request, reply) => {
      const data = await answer(request, paramsOf(request));
      return reply.type("application/json").send(JSON.stringify({ status: "success", data }));
    },
  });
}

async function query(
  { telemetry, clock }: PrometheusDeps,
  request: FastifyRequest,
  params: Params,
): Promise<object> {
  const expression = parseQuery(required(params, "query"));
  const atMs = timeMs(params, "time", clock.now());
  const asked = { startMs: atMs, endMs: atMs, stepMs: 1, ...settingsOf(params) };
  const load = loaderFor(telemetry, request);
  if (expression.kind === "selector" && expression.rangeMs !== undefined)
    return matrixData(await samplesAt(expression, asked, load));
  return instantData(await evaluateAt(expression, asked, load), atMs);
}

async function queryRange(
  { telemetry }: PrometheusDeps,
  request: FastifyRequest,
  params: Params,
): Promise<object> {
  const steps = stepsOf(params);
  const expression = parseQuery(required(params, "query"));
  if (expression.kind === "selector" && expression.rangeMs !== undefined)
    throw badData(
      'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    );
  return matrixData(
    await evaluateRange(expression, { ...steps, ...settingsOf(params) }, loaderFor(telemetry, request)),
  );
}

function settingsOf(params: Params): { lookbackMs: number; deadlineMs: number } {
  const lookbackMs = lengthMs(params, "lookback_delta", LOOKBACK_MS);
  if (lookbackMs <= 0) throw badData('invalid parameter "lookback_delta": it must be greater than 0');
  const timeoutMs = Math.min(TIMEOUT_MS, Math.max(1, lengthMs(params, "timeout", TIMEOUT_MS)));
  return { lookbackMs, deadlineMs: performance.now() + timeoutMs };
}

async function series(deps: PrometheusDeps, request: FastifyRequest, params: Params): Promise<unknown> {
  if (!params.has("match[]")) throw badData("no match[] parameter provided");
  const found = await listed(deps, request, params);
  return found.map(labelsOf).slice(0, limitOf(params, LISTED_MAX));
}

async function labels(deps: PrometheusDeps, request: FastifyRequest, params: Params): Promise<string[]> {
  const names = new Set<string>();
  for (const one of await listed(deps, request, params))
    for (const name of Object.keys(labelsOf(one))) names.add(name);
  return [...names].sort().slice(0, limitOf(params, LISTED_MAX));
}

async function labelValues(deps: PrometheusDeps, request: FastifyRequest, params: Params): Promise<string[]> {
  const { name } = request.params as { name: string };
  if (!LABEL_NAME.test(name)) throw badData(`invalid label name: ${JSON.stringify(name.slice(0, 100))}`);
  const values = new Set<string>();
  for (const one of await listed(deps, request, params)) {
    const all = labelsOf(one);
    if (Object.hasOwn(all, name)) values.add(all[name] ?? "");
  }
  return [...values].sort().slice(0, limitOf(params, LISTED_MAX));
}

/** Series of the selectors that were used at some time of the range that is asked for, or later. */
async function listed({ telemetry }: PrometheusDeps, request: FastifyRequest, params: Params) {
  const selectors = params.getAll("match[]");
  if (selectors.length > SELECTORS_MAX)
    throw badData(`there are more than ${SELECTORS_MAX} match[] parameters`);
  const fromMs = timeMs(params, "start", 0);
  if (timeMs(params, "end", Infinity) < fromMs)
    throw badData('invalid parameter "end": end timestamp must not be before start time');
  return findSeries(telemetry, request, { selectors, fromMs });
}

async function metadata(
  { telemetry }: PrometheusDeps,
  request: FastifyRequest,
  params: Params,
): Promise<object> {
  const all = metadataOf(await findSeries(telemetry, request, { selectors: [], fromMs: 0 }));
  const metric = params.get("metric");
  const wanted = metric === null || metric === "" ? [...all] : [...all].filter(([name]) => name === metric);
  return Object.fromEntries(wanted.slice(0, limitOf(params, LISTED_MAX)).map(([name, one]) => [name, [one]]));
}

async function buildInfo(): Promise<object> {
  return { version: SPOKEN_VERSION, revision: "", branch: "", buildUser: "", buildDate: "", goVersion: "" };
}
