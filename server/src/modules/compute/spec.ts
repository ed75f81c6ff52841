import { jobSource, newJob } from "@atrium/contract/compute";
import { PERMISSIONS, type Permission } from "@atrium/contract/permissions";
import { z } from "zod";
import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { NewJob } from "./door.ts";

const HOUR_MS = 3600 * 1000;
const TIMEOUT_MS = 24 * HOUR_MS; // Nobody notices a job that hangs for longer; training that takes days says so.
const MEMORY_MIB = 2048;
const OUTPUT_MIB = 10 * 1024;

/** What a job was asked for, beside what has a column of its own. */
export const jobSpec = z.object({
  command: z.array(z.string()),
  requirements: z.array(z.string()).nullable(),
  alone: z.array(z.string()).default([]),
  besides: z
    .record(z.string(), z.object({ requirements: z.array(z.string()), alone: z.array(z.string()) }))
    .default({}),
  files: z.record(z.string(), z.string()),
  inputs: z.array(z.object({ artifactPath: z.string(), to: z.string() })),
  outputs: z.array(
    z.object({ from: z.string(), artifactPath: z.string(), optional: z.boolean().optional() }),
  ),
  variables: z.record(z.string(), z.string()),
  secrets: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.string()),
  timeoutMs: z.number(),
  outputMiB: z.number(),
  retries: z.number(),
  source: jobSource.nullable(),
});
export type JobSpec = z.output<typeof jobSpec>;

/** For whom a job acts: what is left of its submitter when the request is over. */
export const submitter = z.object({
  kind: z.enum(["user", "service-account", "system"]),
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(PERMISSIONS)).optional(),
});
export type Submitter = z.output<typeof submitter>;

export interface Room {
  cores: number;
  memoryMiB: number;
}

/** @throws AppError `invalid` naming the part that cannot be */
export function checkShape(job: NewJob): void {
  const { projectId: _, origin: __, besides: ___, place: ____, environment, ...rest } = job;
  const parsed = newJob.safeParse({
    ...rest,
    ...(environment === undefined ? {} : { requirements: environment.requirements }),
  });
  const [issue] = parsed.error?.issues ?? [];
  if (issue === undefined) return;
  throw new AppError("invalid", `The job's ${issue.path.join(".")}: ${issue.message}`, {
    at: issue.path.join("."),
  });
}

/** What the job takes of a machine, with what we choose where it says nothing. */
export function roomOf({ limits, place }: Pick<NewJob, "limits" | "place">, capacity: Room): Room {
  return {
    cores: place === "beside-queue" ? 0 : (limits?.cores ?? 1),
    memoryMiB: limits?.memoryMiB ?? Math.min(MEMORY_MIB, capacity.memoryMiB),
  };
}

export function specOf(job: NewJob): JobSpec {
  return {
    command: [...job.command],
    requirements: job.environment === undefined ? null : [...job.environment.requirements],
    alone: [...(job.environment?.alone ?? [])],
    besides: Object.fromEntries(
      Object.entries(job.besides ?? {}).map(([name, { requirements, alone = [] }]) => [
        name,
        { requirements: [...requirements], alone: [...alone] },
      ]),
    ),
    files: { ...job.files },
    inputs: [...(job.inputs ?? [])],
    outputs: [...(job.outputs ?? [])],
    variables: { ...job.variables },
    secrets: { ...job.secrets },
    labels: { ...job.labels },
    timeoutMs: job.limits?.timeoutMs ?? TIMEOUT_MS,
    outputMiB: job.limits?.outputMiB ?? OUTPUT_MIB,
    retries: job.retries ?? 0,
    source: job.source ?? null,
  };
}

/** By which everything that a job tells is found: its log, its metrics, and what its code sends. */
export function labelsOf(job: { id: string }, { labels }: Pick<JobSpec, "labels">): Record<string, string> {
  return { ...labels, job: job.id };
}

/** @throws AppError `forbidden` for someone who is nobody */
export function submitterOf(actor: Actor, scopes: readonly Permission[]): Submitter {
  const { kind, id, name } = actor;
  if (kind === "anonymous") throw new AppError("forbidden", "Only who is signed in submits jobs.");
  return { kind, id, name, ...(kind === "system" ? {} : { scopes: [...scopes] }) };
}

/** The job's own doings are its submitter's, within its project. */
export function actorFor(who: Submitter, job: { id: string; project_id: string }): Actor {
  return {
    kind: who.kind,
    id: who.id,
    name: who.name,
    via: { kind: "process", id: job.id },
    ...(who.scopes === undefined ? {} : { scopes: who.scopes }),
    boundProjectId: job.project_id,
    request: { id: job.id, ip: "", userAgent: "job" },
  };
}
