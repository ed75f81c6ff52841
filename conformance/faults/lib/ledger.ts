import { createHash, randomBytes, randomInt } from "node:crypto";
import { type Answer, artifactPath, ask, type Login, mlflow, must } from "./client.ts";

/** Every write that a server acknowledged, kept outside of it. */
export interface Ledger {
  runs: string[];
  metrics: { run: string; key: string; step: number; value: number }[];
  params: { run: string; key: string; value: string }[];
  artifacts: { path: string; digest: string }[];
  versions: { name: string; version: string }[];
}

export function emptyLedger(): Ledger {
  return { runs: [], metrics: [], params: [], artifacts: [], versions: [] };
}

export function sizeOf(ledger: Ledger): number {
  return Object.values(ledger).reduce((sum, list) => sum + list.length, 0);
}

export function summary({ runs, metrics, params, artifacts, versions }: Ledger): string {
  return `${runs.length} runs, ${metrics.length} points, ${params.length} params, ${artifacts.length} artifacts, ${versions.length} versions`;
}

/** Work of one client, without end. It throws when its server goes, or refuses. */
export type Writer = (login: Login, ledger: Ledger) => Promise<never>;

const ARTIFACT_BYTES_MAX = 400_000; // Several sealed chunks, still many a second.

export const writers: readonly Writer[] = [logBatches, logOnce, upload, register];

async function logBatches(login: Login, ledger: Ledger): Promise<never> {
  const run = await createRun(login, ledger);
  for (let step = 0; ; step += 3) {
    const at = (i: number) => ({ key: "loss", value: Math.random(), timestamp: Date.now(), step: step + i });
    const metrics = [at(0), at(1), at(2)];
    const param = { key: `p${step}`, value: randomBytes(6).toString("hex") };
    accepted(await mlflow(login, "runs/log-batch", { run_id: run, metrics, params: [param] }));
    ledger.metrics.push(...metrics.map((metric) => ({ ...metric, run })));
    ledger.params.push({ ...param, run });
  }
}

async function logOnce(login: Login, ledger: Ledger): Promise<never> {
  for (;;) {
    const run = await createRun(login, ledger);
    const metric = { run_id: run, key: "once", value: Math.random(), timestamp: Date.now(), step: 1 };
    accepted(await mlflow(login, "runs/log-metric", metric));
    ledger.metrics.push({ run, key: metric.key, step: 1, value: metric.value });
  }
}

async function upload(login: Login, ledger: Ledger): Promise<never> {
  const run = await createRun(login, ledger);
  for (let i = 0; ; i += 1) {
    const body = randomBytes(randomInt(1, ARTIFACT_BYTES_MAX));
    const path = `0/${run}/artifacts/file-${i}.bin`;
    accepted(await ask(login, { method: "PUT", path: artifactPath(path), body }));
    ledger.artifacts.push({ path, digest: createHash("sha256").update(body).digest("hex") });
  }
}

async function register(login: Login, ledger: Ledger): Promise<never> {
  const run = await createRun(login, ledger);
  const name = `model-${run.slice(0, 8)}`;
  accepted(await mlflow(login, "registered-models/create", { name }));
  for (;;) {
    const source = `mlflow-artifacts:/0/${run}/artifacts/model`;
    const made = await mlflow(login, "model-versions/create", { name, source, run_id: run });
    const { version } = accepted<{ model_version: { version: string } }>(made).model_version;
    ledger.versions.push({ name, version });
  }
}

async function createRun(login: Login, ledger: Ledger): Promise<string> {
  const made = await mlflow(login, "runs/create", { experiment_id: "0", start_time: Date.now() });
  const run = accepted<{ run: { info: { run_id: string } } }>(made).run.info.run_id;
  ledger.runs.push(run);
  return run;
}

/** The server answered, and the answer was no. */
export class Refused extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`${answer.status} ${answer.text.slice(0, 300)}`);
    this.answer = answer;
  }
}

function accepted<T>(answer: Answer): T {
  if (answer.status >= 300) throw new Refused(answer);
  return answer.json as T;
}

/** What the ledger holds and the server does not, one line each. */
export async function missing(login: Login, ledger: Ledger): Promise<string[]> {
  const lost: string[] = [];
  for (const [run, points] of Map.groupBy(ledger.metrics, (metric) => metric.run)) {
    for (const [key, series] of Map.groupBy(points, (point) => point.key)) {
      const have = new Set(await history(login, run, key));
      for (const { step, value } of series)
        if (!have.has(`${step} ${value}`)) lost.push(`metric ${run} ${key} ${step}`);
    }
  }
  const params = Map.groupBy(ledger.params, (param) => param.run);
  for (const run of ledger.runs) {
    const got = await mlflow(login, `runs/get?run_id=${run}`);
    if (got.status !== 200) lost.push(`run ${run}`);
    const have = new Set(paramsIn(got).map(({ key, value }) => `${key} ${value}`));
    for (const { key, value } of params.get(run) ?? [])
      if (!have.has(`${key} ${value}`)) lost.push(`param ${run} ${key}`);
  }
  for (const { path, digest } of ledger.artifacts) {
    const found = await digestOf(login, path);
    if (found !== digest) lost.push(`artifact ${path}: ${found}`);
  }
  for (const { name, version } of ledger.versions) {
    const got = await mlflow(login, `model-versions/get?name=${name}&version=${version}`);
    if (got.status !== 200) lost.push(`${name} version ${version}`);
  }
  return lost;
}

async function history(login: Login, run: string, key: string): Promise<string[]> {
  const points: string[] = [];
  for (let token = ""; ; ) {
    const query = `run_id=${run}&metric_key=${key}&max_results=25000&page_token=${encodeURIComponent(token)}`;
    const got = await mlflow(login, `metrics/get-history?${query}`);
    const page = must<{ metrics?: { step: number; value: number }[]; next_page_token?: string }>(got);
    for (const { step, value } of page.metrics ?? []) points.push(`${step} ${value}`);
    token = page.next_page_token ?? "";
    if (token === "") return points;
  }
}

function paramsIn(got: Answer): { key: string; value: string }[] {
  const { run } = (got.json ?? {}) as { run?: { data?: { params?: { key: string; value: string }[] } } };
  return run?.data?.params ?? [];
}

async function digestOf(login: Login, path: string): Promise<string> {
  const answer = await fetch(login.url + artifactPath(path), {
    headers: { authorization: `Bearer ${login.token}` },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (!answer.ok) return `${answer.status} ${bytes.toString("utf8", 0, 300)}`;
  return createHash("sha256").update(bytes).digest("hex");
}
