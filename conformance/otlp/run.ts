/**
 * The unmodified OpenTelemetry SDK for Python sends to a server started for it, and our own API reads it back; PYTHON
 * names the interpreter.
 *   node conformance/otlp/run.ts
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LogLine, MetricSeries, Span, TraceSummary } from "../../contract/src/telemetry.ts";
import { createChecks } from "../faults/lib/checks.ts";
import { ask } from "../faults/lib/client.ts";
import { type Server, startServer } from "../lib/server.ts";

interface Sent {
  sent: boolean;
  traceId: string;
  rootId: string;
  childId: string;
}

const JOB_MS_MAX = 60_000;

const python = process.env.PYTHON;
if (python === undefined)
  throw new Error("Set PYTHON to an interpreter that has what requirements.txt lists.");
const checks = createChecks();
const server = await startServer({ databaseUrl: process.env.ATRIUM_DATABASE_URL });
try {
  await everything(python, server);
  await increments(python, server);
  await fromJob(python, server);
  await strangers(python, server);
} finally {
  await server.stop();
}
checks.end();

async function everything(interpreter: string, { url, token }: Server): Promise<void> {
  const { sent, text } = await send(interpreter, {
    url,
    token,
    settings: { OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" },
  });
  checks.that("the exporters are answered with success", sent?.sent === true, text);
  if (sent === undefined) return;
  await traces(sent);
  await logs(sent);
  await metrics("plain");
  const { items } = await read<{ items: MetricSeries[] }>("/metrics/series?name=exponential");
  checks.that("what is not kept leaves no series behind", items.length === 0, items);
}

async function traces({ traceId, rootId, childId }: Sent): Promise<void> {
  const { spans } = await read<{ spans: (Span & { depth: number })[] }>(`/traces/${traceId}`);
  const [root, child] = spans;
  checks.that(
    "a trace is a tree of its spans",
    root?.spanId === rootId && child?.spanId === childId && child.depth === 1,
    spans,
  );
  checks.that(
    "a span keeps kind, status, attributes and labels",
    root?.kind === "server" &&
      root.status === "error" &&
      root.statusMessage === "the charge failed" &&
      root.attributes["http.response.status_code"] === 500 &&
      JSON.stringify(root.attributes.flags) === "[true,false]" &&
      root.labels.service === "shop/plain" &&
      root.labels.run === "run-1" &&
      root.labels.job === "job-1",
    root,
  );
  checks.that(
    "events keep their attributes, exceptions among them",
    child?.events[0]?.attributes.attempt === 2 &&
      child.events[1]?.attributes["exception.message"] === "no money",
    child,
  );
  checks.that(
    "a child lies within its parent in time",
    root !== undefined &&
      child !== undefined &&
      child.startMs >= root.startMs &&
      child.durationMs <= root.durationMs,
  );
  const finds = [
    "labels=run%3Drun-1",
    "name=checkout",
    "attributes=http.route%3D%2Fcheckout",
    "labels=level%3Derror",
    "name=charge&match=any",
    "maxDurationMs=60000",
  ];
  for (const find of finds) {
    const { items } = await read<{ items: TraceSummary[] }>(`/traces?${find}`);
    checks.that(
      `a trace is found by ${find}`,
      items.some((item) => item.traceId === traceId && item.spans === 2),
      items,
    );
  }
}

async function logs({ traceId, rootId }: Sent): Promise<void> {
  const { items } = await read<{ items: LogLine[] }>(`/logs?labels=trace%3D${traceId}`);
  const [second, first] = items.sort((a, b) => (a.level < b.level ? -1 : 1));
  checks.that(
    "a log record keeps level, text, trace, span, attributes and labels",
    first?.level === "warn" &&
      first.message === "The charge was refused: äöü 💥" &&
      first.fields.spanId === rootId &&
      first.fields.order === "9007199254740993" &&
      JSON.stringify(first.fields.nested) === '{"a":[1,"b"]}' &&
      first.labels.run === "run-1",
    items,
  );
  checks.that(
    "a structured body is a text of JSON",
    second?.level === "debug" && second.message === '{"structured":true}',
    items,
  );
}

async function metrics(service: string): Promise<void> {
  const labels = `service=shop/${service}`;
  const newest = async (name: string, more = "") => {
    const asked = new URLSearchParams({
      name,
      labels: labels + more,
      fromMs: "0",
      toMs: String(Date.now() + 1000),
    });
    const { items } = await read<{ items: { series: MetricSeries; points: [number, number][] }[] }>(
      `/metrics/range?${asked}`,
    );
    return items[0]?.points.at(-1)?.[1];
  };
  const expected: [string, string, number][] = [
    ["orders_total", ",shop=berlin", 4],
    ["temperature_celsius", ",room=server", 21.5],
    ["checkout_duration_seconds_bucket", ",le=0.1", 2],
    ["checkout_duration_seconds_bucket", ",le=0.5", 4],
    ["checkout_duration_seconds_bucket", ",le=1.0", 6],
    ["checkout_duration_seconds_bucket", ",le=+Inf", 8],
    ["checkout_duration_seconds_count", "", 8],
    ["checkout_duration_seconds_sum", "", 12.1],
    ["stock", "", 8],
  ];
  for (const [name, more, value] of expected) {
    const found = await newest(name, more);
    checks.that(
      `${service}: ${name}${more} has come to ${value}`,
      found !== undefined && Math.abs(found - value) < 1e-9,
      found,
    );
  }
}

async function increments(interpreter: string, { url, token }: Server): Promise<void> {
  const settings = { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "DELTA", OTEL_SERVICE_NAME: "delta" };
  const { sent, text } = await send(interpreter, { url, token, settings });
  checks.that("a sender of increments is answered with success", sent?.sent === true, text);
  await metrics("delta");
}

/** Nobody tells the SDK anything: what a job finds in its environment says where to, by which token, and who sends. */
async function fromJob(interpreter: string, { url, token }: Server): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const call = async (path: string, body?: object) => {
    const more = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    return (await fetch(`${url}/api/atrium/v1${path}`, { headers, ...more })).json() as Promise<{
      id: string;
      state: string;
    }>;
  };
  const { id } = await call("/jobs", {
    name: "sender",
    command: [interpreter, "-B", "send.py"],
    files: { "send.py": readFileSync(join(import.meta.dirname, "send.py"), "utf8") },
    variables: { SEND_METRICS: "yes" },
    labels: { pipeline_run: "run-7", pipeline_step: "loop/0/train, twice" },
  });
  let state = "queued";
  for (const deadline = Date.now() + JOB_MS_MAX; Date.now() < deadline; ) {
    state = (await call(`/jobs/${id}`)).state;
    if (!["queued", "preparing", "running"].includes(state)) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  checks.that("a job with an unmodified SDK ends well", state === "succeeded", state);
  const found = await read<{ items: TraceSummary[] }>(`/traces?labels=${encodeURIComponent(`job=${id}`)}`);
  const trace = found.items[0];
  checks.that("its trace is found by the job", found.items.length === 1, found);
  const { spans } = await read<{ spans: Span[] }>(`/traces/${trace?.traceId}`);
  checks.that(
    "and says run and step",
    spans[0]?.labels.pipeline_run === "run-7" && spans[0].labels.pipeline_step === "loop/0/train, twice",
    spans[0],
  );
  const lines = await read<{ items: LogLine[] }>(
    `/logs?labels=${encodeURIComponent(`job=${id},trace=${trace?.traceId}`)}`,
  );
  checks.that("its log records stand beside what it printed", lines.items.length === 2, lines);
  const metrics = await read<{ items: MetricSeries[] }>(
    `/metrics/series?name=orders_total&labels=${encodeURIComponent(`job=${id}`)}`,
  );
  checks.that("its metrics carry the job", metrics.items.length === 1, metrics);
}

async function strangers(interpreter: string, { url }: Server): Promise<void> {
  const { sent, text } = await send(interpreter, {
    url,
    token: "of-nobody",
    settings: { OTEL_SERVICE_NAME: "stranger" },
  });
  checks.that(
    "a sender without a right token is told so and gives up",
    sent !== undefined && /401|Unauthorized|code: 16|failed/i.test(text),
    text,
  );
  const { items } = await read<{ items: TraceSummary[] }>("/traces?labels=service%3Dshop%2Fstranger");
  checks.that("nothing of it is stored", items.length === 0, items);
}

async function read<T>(path: string): Promise<T> {
  const answer = await ask(server, { path: `/api/atrium/v1${path}` });
  checks.that(`our API answers ${path.slice(0, 60)}`, answer.status === 200, answer.text);
  return answer.json as T;
}

/** Runs the sender to its end. */
async function send(
  interpreter: string,
  { url, token, settings }: { url: string; token: string; settings: Record<string, string> },
): Promise<{ sent: Sent | undefined; text: string }> {
  const child = spawn(interpreter, ["-B", "send.py"], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer%20${token}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: "10",
      OTEL_SERVICE_NAME: "plain",
      OTEL_RESOURCE_ATTRIBUTES: "service.namespace=shop,atrium.run_id=run-1,atrium.job=job-1",
      SEND_METRICS: "yes",
      ...settings,
    },
  });
  let said = "";
  let complaints = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const line = said.trim().split("\n").at(-1) ?? "";
  const sent = line.startsWith("{") ? (JSON.parse(line) as Sent) : undefined;
  return { sent, text: said + complaints };
}
