import { createHash } from "node:crypto";
import { text } from "node:stream/consumers";
import { AppError } from "#lib/errors";
import type { Tx } from "#ports/database";
import type { DeliveredEvent } from "#ports/events";
import { actorOf } from "./carry-out.ts";
import type { PipelinesDeps } from "./deps.ts";
import { componentOf } from "./engine/draft.ts";
import { declared, fingerprintOf } from "./engine/fingerprint.ts";
import type { Artifact, Node, Values } from "./engine/state.ts";
import { type ExecutorOutput, OUTPUTS, readExecutorOutput } from "./executor-json.ts";
import { failureOf } from "./failure.ts";
import type { News, OpenRun, RunLog } from "./run-log.ts";
import * as queries from "./run-queries.ts";
import { artifactsOf, ORIGIN, outputFileOf } from "./step-job.ts";

const OUTPUT_BYTES_MAX = 4 * 1024 * 1024; // Parameters are values to decide by; data goes into artifacts.
const FILES_MAX = 10_000; // Of one artifact whose content is summed up; one with more counts as new each time.
const PAGE = 1000;
const TRACKED_MAX = 100; // Runs that one step logs and that are linked; a search of parameters makes more.

/** Turns what is told of jobs into events of the runs whose steps they are. */
export function listenToJobs(deps: PipelinesDeps, runs: RunLog): void {
  const { db, events, jobs, artifacts, lineage, tracking, stepTags } = deps;
  events.subscribe("pipelines.jobs", ["job.started", "job.finished"], heard);

  async function heard({ kind, body }: DeliveredEvent): Promise<void> {
    if (body.originType !== ORIGIN) return;
    const runId = String(body.originId);
    const jobId = String(body.jobId);
    const run = await runs.open(db.reader, runId);
    const node = [...(run?.state.nodes.values() ?? [])].find((one) => one.jobId === jobId);
    if (run === undefined || node === undefined) return; // It was overtaken: done over, or deleted with its run.
    const step = { path: node.path, attempt: node.attempt, jobId };
    const news: News =
      kind === "job.started" ? { kind: "running", ...step } : await ended(run, node, String(body.state));
    const tracked = kind === "job.finished" ? await trackedRuns(run, node) : [];
    await db.transaction(async (tx) => {
      const recorded = await runs.record(tx, runId, news);
      if (recorded?.changed !== true || kind !== "job.finished") return;
      if (news.kind === "succeeded") await keepOutputs(tx, run, { node, outputs: news.outputs });
      await drawEdges(tx, run, {
        node,
        jobId,
        tracked,
        outputs: news.kind === "succeeded" ? news.outputs : undefined,
      });
    });
  }

  async function keepOutputs(
    tx: Tx,
    { row, state }: OpenRun,
    of: { node: Node; outputs: Values },
  ): Promise<void> {
    const fingerprint = fingerprintOf(state, of.node);
    if (fingerprint === undefined) return;
    await queries.keepOutputs(tx, {
      project_id: row.project_id,
      pipeline_name: row.pipeline_name,
      fingerprint,
      run_id: row.id,
      path: of.node.path,
      outputs: JSON.stringify(of.outputs),
      created_ms: row.created_ms,
    });
  }

  async function drawEdges(
    tx: Tx,
    { row, state }: OpenRun,
    of: { node: Node; jobId: string; tracked: readonly string[]; outputs: Values | undefined },
  ): Promise<void> {
    const { projectId, step } = { projectId: row.project_id, step: stepThing(row.id, of.node.path) };
    const from = { type: "pipeline-run", id: row.id };
    await lineage.link(tx, { projectId, from, relation: "produced", to: step });
    const link = (relation: "produced" | "consumed", to: { type: string; id: string }) =>
      lineage.link(tx, { projectId, from: step, relation, to });
    // What the job read and where it came from is the step's too.
    await lineage.link(tx, { projectId, from: step, relation: "derived", to: { type: "job", id: of.jobId } });
    for (const id of of.tracked) await link("produced", { type: "run", id });
    for (const id of pathsOf(declared(state, of.node))) await link("consumed", { type: "artifact", id });
    for (const id of of.outputs === undefined ? [] : pathsOf(of.outputs))
      await link("produced", { type: "artifact", id });
  }

  /** Runs that the step's code logged: its environment makes clients tag them. */
  async function trackedRuns({ row }: OpenRun, { path }: Node): Promise<string[]> {
    const equals = (tag: string, value: string) => `tags.\`${tag}\` = '${value}'`;
    const filter = `${equals(stepTags.run, row.id)} and ${equals(stepTags.step, path)}`;
    try {
      const { items } = await tracking.runs.search(actorOf(row), row.project_id, {
        filter,
        pageSize: TRACKED_MAX,
      });
      return items.map(({ id }) => id);
    } catch (thrown) {
      // Who may not see runs has none to link; the step's end is told all the same.
      if (thrown instanceof AppError && ["forbidden", "not_found"].includes(thrown.code)) return [];
      throw thrown;
    }
  }

  async function ended(run: OpenRun, node: Node, state: string): Promise<News> {
    const step = { path: node.path, attempt: node.attempt, jobId: node.jobId };
    if (state === "cancelled") return { kind: "stopped", ...step };
    try {
      if (state === "succeeded") return { kind: "succeeded", ...step, outputs: await outputsOf(run, node) };
      const reason = await failureOf(jobs, run.row, node.jobId ?? "");
      return { kind: "failed", ...step, reason, again: "by-policy" };
    } catch (thrown) {
      // What is away for a while comes back with the event; what is wrong stays wrong.
      if (!(thrown instanceof AppError) || thrown.code === "unavailable" || thrown.code === "exhausted")
        throw thrown;
      return { kind: "failed", ...step, reason: thrown.message, again: "by-policy" };
    }
  }

  async function outputsOf(run: OpenRun, node: Node): Promise<Values> {
    const { row, state } = run;
    const at = { projectId: row.project_id, path: outputFileOf(row.id, node.path) };
    const { file, bytes } = await artifacts.get(actorOf(row), at);
    if (file.sizeBytes > OUTPUT_BYTES_MAX) {
      bytes.destroy();
      throw new AppError("invalid", `Its output parameters are larger than ${OUTPUT_BYTES_MAX} bytes.`);
    }
    const told = readExecutorOutput(await text(bytes), state, node);
    const declaredOutputs = componentOf(state, node).outputs.artifacts;
    const made: Record<string, readonly Artifact[]> = {};
    for (const [name, { schemaTitle, schemaVersion }] of Object.entries(declaredOutputs)) {
      const artifact = { name, schemaTitle, schemaVersion };
      made[name] = [{ ...artifact, ...(await placed(run, node, { name, told: told.artifacts[name] })) }];
    }
    return { parameters: told.parameters, artifacts: made };
  }

  /** Where an artifact is: among our files when the step wrote it to its place, else where the step says. */
  async function placed(
    { row }: OpenRun,
    node: Node,
    { name, told }: { name: string; told: ExecutorOutput["artifacts"][string] | undefined },
  ): Promise<Omit<Artifact, "name" | "schemaTitle" | "schemaVersion">> {
    const path = `${artifactsOf(row.id, node.path)}/${name}`;
    const metadata = told?.metadata ?? {};
    const isOurs = told === undefined || told.uri === "" || told.uri === `${OUTPUTS}/${name}`;
    if (!isOurs) return { uri: told.uri, metadata };
    const digest = await contentOf(row, path);
    const uri = deps.artifactUri(path);
    return digest === undefined ? { uri, metadata } : { uri, metadata, path, digest };
  }

  /** A digest of a file, or of a folder with all below it; undefined when there is nothing. */
  async function contentOf(row: OpenRun["row"], path: string): Promise<string | undefined> {
    const actor = actorOf(row);
    const projectId = row.project_id;
    try {
      return (await artifacts.stat(actor, { projectId, path })).digest;
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "not_found") throw thrown;
    }
    const sum = createHash("sha256");
    const folders = [path];
    let files = 0;
    for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
      let pageToken: string | undefined;
      do {
        const page = await artifacts.list(actor, { projectId, path: folder }, { pageSize: PAGE, pageToken });
        for (const entry of page.items) {
          if (entry.kind === "folder") folders.push(entry.path);
          else sum.update(`${entry.path.slice(path.length)}\0${entry.digest}\0`);
          files += 1;
        }
        pageToken = page.nextToken;
      } while (pageToken !== undefined && files <= FILES_MAX);
      if (files > FILES_MAX) return `unknown:${row.id}:${path}`;
    }
    return files === 0 ? undefined : sum.digest("hex");
  }
}

const LINEAGE_ID_MAX = 512; // Of lineage's own.

function stepThing(runId: string, path: string): { type: string; id: string } {
  return { type: "pipeline-step", id: `${runId}/${path}`.slice(0, LINEAGE_ID_MAX) };
}

function pathsOf({ artifacts }: Values): string[] {
  return Object.values(artifacts)
    .flat()
    .flatMap(({ path }) => (path === undefined || path.length > LINEAGE_ID_MAX ? [] : [path]));
}
