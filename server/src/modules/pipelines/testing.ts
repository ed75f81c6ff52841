import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { AppError } from "#lib/errors";
import type { NewJob } from "#modules/compute";
import type { Actor } from "#modules/identity";
import type { Database, Tx } from "#ports/database";
import type { DeliveredEvent } from "#ports/events";
import { openTestDatabase } from "../../testing/database.ts";
import { readSpec } from "../../testing/pipelines.ts";
import type { PipelinesDeps } from "./deps.ts";
import { createPipelines } from "./pipelines.ts";

const FIXTURES = join(import.meta.dirname, "../../protocols/kfp/fixtures");
export const CONTROL_FLOW = readFileSync(join(FIXTURES, "control_flow.yaml"), "utf8");

export const ada: Actor = {
  kind: "user",
  id: "ada",
  name: "Ada",
  via: { kind: "session", id: "s" },
  request: { id: "r", ip: "192.0.2.1", userAgent: "test" },
};
export const eve: Actor = { ...ada, id: "eve", name: "Eve" };

interface StandingJob {
  job: NewJob;
  state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  reason: string | null;
}

interface ExecutorInput {
  inputs: { parameterValues: Record<string, unknown> };
  outputs: { parameters: Record<string, unknown>; artifacts: Record<string, unknown> };
}

/** What a step's function does: answers with its output parameter, or throws. */
type Work = (inputs: Record<string, unknown>, name: string) => unknown;

/** Pipelines over a real database; jobs are done by hand, neighbours keep what they were told. Eve sees nothing. */
export async function openPipelines() {
  const opened = await openTestDatabase();
  const [told, edges]: [string[], string[]] = [[], []];
  const files = new Map<string, string>();
  const jobs = new Map<string, StandingJob>();
  const handlers = new Set<(event: DeliveredEvent) => Promise<void>>();
  const time = { nowMs: 1_700_000_000_000 };
  const faults = { next: (): "none" | "before" | "after" => "none" };
  /** As a power cut would: what was to be written is lost, or was written and nobody was told. */
  const db: Database = {
    ...opened,
    reader: opened.reader,
    transaction: async (work) => {
      const fault = faults.next();
      if (fault === "before") throw new AppError("unavailable", "The database went away.");
      const result = await opened.transaction(work);
      if (fault === "after") throw new AppError("unavailable", "The answer was lost.");
      return result;
    },
  };
  const missing = () => new AppError("not_found", "There is no such file.");
  const fileAt = (path: string) => {
    const content = files.get(path);
    if (content === undefined) throw missing();
    const digest = createHash("sha256").update(content).digest("hex");
    return { path, digest, sizeBytes: content.length, mediaType: "text/plain", createdMs: 0 };
  };
  const deps: PipelinesDeps = {
    db,
    clock: { now: () => time.nowMs },
    log: { debug() {}, info() {}, warn() {}, error() {} } as unknown as PipelinesDeps["log"],
    access: {
      require: async (actor) => {
        if (actor.id === "eve") throw new AppError("not_found", "There is nothing here.");
      },
      can: async (actor) => actor.id !== "eve",
      visible: async () => ({ all: true }),
      visibleProjects: async () => [],
    },
    audit: {
      record: async (_tx, _actor, { action }) => {
        told.push(action);
      },
      recordAccess: async () => {},
    },
    events: {
      announce: async (tx, { kind }) => tx.afterCommit(() => told.push(`event ${kind}`)),
      subscribe: (_name, _kinds, handler) => {
        handlers.add(handler);
      },
    },
    lineage: {
      link: async (tx, { from, relation, to }) =>
        tx.afterCommit(() => edges.push(`${from.type} ${relation} ${to.type}`)),
      unlink: async () => {},
    },
    artifacts: {
      stat: async (_actor, { path }) => fileAt(path),
      get: async (_actor, { path }) => ({
        file: fileAt(path),
        bytes: Readable.from([files.get(path) ?? ""]),
      }),
      list: async () => ({ items: [] }),
    },
    jobs: {
      checkSubmit: async () => {},
      submit: async (tx: Tx, _actor, job) => {
        tx.afterCommit(() => {
          if (!jobs.has(job.id)) jobs.set(job.id, { job, state: "queued", reason: null });
        });
      },
      cancel: async (_actor, _project, id) => {
        const standing = jobs.get(id);
        if (standing?.state === "queued" || standing?.state === "running") standing.state = "cancelled";
      },
      get: async (_actor, projectId, id) => {
        const { state = "failed" as const, reason = null } = jobs.get(id) ?? {};
        const times = { queuedMs: 0, startedMs: 0, endedMs: 0 };
        return {
          id,
          projectId,
          name: "",
          state,
          attempt: 1,
          exitCode: null,
          reason,
          ...times,
          machine: "here",
          environmentDigest: null,
        };
      },
      log: async () => ({ text: "", attempt: 1, next: 0, complete: true }),
    },
    tracking: {
      experiments: {
        get: async (_actor, _project, id) => {
          if (id !== "0") throw new AppError("not_found", "There is no such experiment.");
          return { id, name: "Default", lifecycle: "active", createdMs: 0, updatedMs: 0, tags: {} };
        },
      },
      runs: { search: async () => ({ items: [] }) },
    },
    readPlan: readSpec,
    launcher: "launcher",
    stepVariables: ({ runId, path }) => ({ STEP: `${runId} ${path}` }),
    stepTags: { run: "run", step: "step" },
    artifactUri: (path) => `files:/${path}`,
  };

  /** Does what a started job's function would, and says so to whoever listens, twice as a busy outbox does. */
  async function finish(id: string, work: Work): Promise<void> {
    const standing = jobs.get(id);
    if (standing === undefined) return;
    const { job } = standing;
    if (standing.state === "queued") {
      standing.state = "running";
      await deliver("job.started", standing);
    } else if (standing.state === "running") {
      const input = JSON.parse(job.files?.["executor-input.json"] ?? "{}") as ExecutorInput;
      try {
        const value = work(input.inputs.parameterValues, job.command.at(-1) ?? "");
        writeOutputs(job, input, value);
        standing.state = "succeeded";
      } catch (thrown) {
        standing.state = "failed";
        standing.reason = (thrown as Error).message;
      }
    }
    if (standing.state !== "running") {
      await deliver("job.finished", standing);
      await deliver("job.finished", standing);
      jobs.delete(id);
    }
  }

  function writeOutputs(job: NewJob, input: ExecutorInput, value: unknown): void {
    const [told, ...artifacts] = job.outputs ?? [];
    const names = Object.keys(input.outputs.parameters);
    const parameterValues = Object.fromEntries(names.map((name) => [name, value]));
    files.set(told?.artifactPath ?? "", JSON.stringify({ parameterValues }));
    for (const { artifactPath } of artifacts) files.set(artifactPath, JSON.stringify(value));
  }

  async function deliver(kind: string, { job, state }: StandingJob): Promise<void> {
    const { type: originType, id: originId } = job.origin ?? { type: "", id: "" };
    const body = { jobId: job.id, state, originType, originId };
    const event = { kind, projectId: job.projectId, key: job.id, body, position: "1", atMs: 0 };
    // Only the newest process listens; those before it are dead.
    const newest = [...handlers].at(-1);
    for (;;) {
      try {
        await newest?.(event);
        return;
      } catch (thrown) {
        if (!(thrown instanceof AppError) || thrown.code !== "unavailable") throw thrown;
      }
    }
  }

  return {
    db: opened,
    told,
    edges,
    files,
    jobs,
    time,
    faults,
    finish,
    /** A process over the same database, with nothing in its memory. */
    start: () => createPipelines(deps),
    close: () => opened.close(),
  };
}

export type House = Awaited<ReturnType<typeof openPipelines>>;
