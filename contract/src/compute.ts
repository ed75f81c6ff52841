import { z } from "zod";
import { endpoint } from "./http.ts";

const time = z.number().int();
const LIST_MAX = 500; // Inputs and outputs of one job; a folder counts once.
const COMMAND_WORDS_MAX = 1000;
const WORD_CHARACTERS_MAX = 32_000; // Linux takes 128 KiB in one argument.
const FILES_MAX = 100;
const FILE_CHARACTERS_MAX = 256 * 1024; // Source text; what is larger comes as an input.
const VARIABLES_MAX = 200;
const LABELS_MAX = 12; // Four of the log's sixteen are ours.

/** Below a job's working folder: relative, without a step up or an empty one. */
export const workPath = z
  .string()
  .min(1)
  .max(1000)
  .refine(
    (path) =>
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a control character in a name is what is refused.
      !/[\u0000-\u001f\\]/.test(path) &&
      path.split("/").every((part) => part !== "" && part !== "." && part !== ".."),
    "Write a path below the working folder, such as data/train.csv.",
  );
const artifactPath = z.string().min(1).max(1000);
const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "Use the form of an environment variable's name.");
const noNul = (text: string) => !text.includes("\0");
const word = z.string().max(WORD_CHARACTERS_MAX).refine(noNul, "A NUL character cannot be passed on.");
const fewer = (most: number) => (given: object) => Object.keys(given).length <= most;

/** PEP 508 lines, or a whole lock with hashes. */
export const requirements = z.array(z.string().max(4000).refine(noNul, "No NUL characters.")).max(2000);

export const jobState = z.enum(["queued", "preparing", "running", "succeeded", "failed", "cancelled"]);
export type JobState = z.output<typeof jobState>;

export const jobLimits = z.strictObject({
  cores: z.number().int().min(1).max(4096).optional(),
  memoryMiB: z.number().int().min(64).max(16_777_216).optional(),
  timeoutMs: z
    .number()
    .int()
    .min(1000)
    .max(7 * 24 * 3600 * 1000)
    .optional(),
  /** Of the working folder and its log. */
  outputMiB: z.number().int().min(1).max(1_048_576).optional(),
});

/** Where a job's files come from: what a person needs to find or make them again. */
export const jobSource = z.strictObject({
  /** Name of the folder or program, for people. */
  name: z.string().max(500),
  commit: z.string().max(64).optional(),
  branch: z.string().max(250).optional(),
  repository: z.string().max(1000).optional(),
  /** Where the difference to the commit lies, among the project's files; absent: there is none. */
  diffPath: artifactPath.optional(),
});
export type JobSource = z.output<typeof jobSource>;

export const newJob = z.strictObject({
  /** Chosen by the caller, so that sending it again is the same job; made by the server when not given. */
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{7,63}$/, "8 to 64 lower-case letters, digits and dashes")
    .optional(),
  name: z.string().min(1).max(250),
  command: z.array(word).min(1).max(COMMAND_WORDS_MAX),
  requirements: requirements.optional(),
  files: z
    .record(workPath, z.string().max(FILE_CHARACTERS_MAX))
    .refine(fewer(FILES_MAX), `At most ${FILES_MAX} files; send more as inputs.`)
    .optional(),
  inputs: z
    .array(z.strictObject({ artifactPath, to: z.union([workPath, z.literal(".")]) }))
    .max(LIST_MAX)
    .optional(),
  outputs: z
    .array(z.strictObject({ from: workPath, artifactPath, optional: z.boolean().optional() }))
    .max(LIST_MAX)
    .optional(),
  variables: z
    .record(variableName, word)
    .refine(fewer(VARIABLES_MAX), `At most ${VARIABLES_MAX} variables.`)
    .optional(),
  secrets: z
    .record(variableName, z.string().max(128))
    .refine(fewer(VARIABLES_MAX), `At most ${VARIABLES_MAX} secrets.`)
    .optional(),
  limits: jobLimits.optional(),
  retries: z.number().int().min(0).max(10).optional(),
  labels: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,62}$/), z.string().max(256))
    .refine(fewer(LABELS_MAX), `At most ${LABELS_MAX} labels.`)
    .optional(),
  source: jobSource.optional(),
});

export const job = z.object({
  id: z.string(),
  projectId: z.string(),
  name: z.string(),
  state: jobState,
  /** Attempts begun so far. */
  attempt: z.number().int(),
  exitCode: z.number().int().nullable(),
  /** Why it failed, in one sentence. */
  reason: z.string().nullable(),
  queuedMs: time,
  startedMs: time.nullable(),
  endedMs: time.nullable(),
  environmentDigest: z.string().nullable(),
  origin: z.object({ type: z.string(), id: z.string() }).nullable(),
  submittedBy: z.string(),
  command: z.array(z.string()),
  cores: z.number().int(),
  memoryMiB: z.number().int(),
});
export type Job = z.output<typeof job>;

export const jobAttempt = z.object({
  number: z.number().int(),
  state: jobState,
  exitCode: z.number().int().nullable(),
  reason: z.string().nullable(),
  begunMs: time,
  startedMs: time.nullable(),
  endedMs: time.nullable(),
  /** The machine it runs on. */
  worker: z.string(),
});
export type JobAttempt = z.output<typeof jobAttempt>;

export const jobDetails = job.extend({
  requirements: z.array(z.string()),
  inputs: z.array(z.object({ artifactPath: z.string(), to: z.string() })),
  outputs: z.array(
    z.object({ from: z.string(), artifactPath: z.string(), optional: z.boolean().optional() }),
  ),
  /** Names only: a value may be private. */
  variables: z.array(z.string()),
  secrets: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.string()),
  timeoutMs: z.number().int(),
  outputMiB: z.number().int(),
  retries: z.number().int(),
  source: jobSource.nullable(),
  attempts: z.array(jobAttempt),
});
export type JobDetails = z.output<typeof jobDetails>;

/** A piece of an attempt's output, as text. */
export const jobLog = z.object({
  text: z.string(),
  attempt: z.number().int(),
  /** Where to go on, in bytes of what the attempt printed. */
  next: z.number().int(),
  /** True when nothing will follow: the attempt has ended and this reaches its end. */
  complete: z.boolean(),
});
export type JobLog = z.output<typeof jobLog>;

export const environment = z.object({
  digest: z.string(),
  /** `name==version`, sorted. */
  packages: z.array(z.string()),
  requirements: z.array(z.string()),
  python: z.string(),
  createdMs: time,
  usedMs: time,
});
export type Environment = z.output<typeof environment>;

/** What there is to run on, and how each limit is held there. */
export const computeTarget = z.object({
  name: z.string(),
  cores: z.number().int(),
  memoryMiB: z.number().int(),
  coresInUse: z.number().int(),
  memoryMiBInUse: z.number().int(),
  queued: z.number().int(),
  running: z.number().int(),
  limits: z.object({ time: z.string(), memory: z.string(), cores: z.string(), output: z.string() }),
});
export type ComputeTarget = z.output<typeof computeTarget>;

const byJob = z.object({ job: z.string().min(1).max(64) });
const page = {
  pageSize: z.coerce.number().int().min(1).max(1000).default(100),
  pageToken: z.string().max(500).optional(),
};

export const computeApi = {
  listJobs: endpoint({
    method: "GET",
    path: "/jobs",
    permission: "job:read",
    scope: "project",
    summary: "The project's jobs, newest first.",
    query: z.object({
      ...page,
      state: jobState.optional(),
      originType: z.string().max(64).optional(),
      originId: z.string().max(128).optional(),
    }),
    answer: z.object({ items: z.array(job), nextToken: z.string().optional() }),
  }),
  submitJob: endpoint({
    method: "POST",
    path: "/jobs",
    permission: "job:write",
    scope: "project",
    summary: "Puts a command with its files, environment and limits into the queue.",
    body: newJob,
    answer: jobDetails,
    status: 201,
  }),
  getJob: endpoint({
    method: "GET",
    path: "/jobs/:job",
    permission: "job:read",
    scope: "project",
    summary: "One job with its attempts.",
    params: byJob,
    answer: jobDetails,
  }),
  cancelJob: endpoint({
    method: "POST",
    path: "/jobs/:job/cancel",
    permission: "job:write",
    scope: "project",
    summary: "Ends a job and every process that it started; one that has ended stays as it is.",
    params: byJob,
    answer: jobDetails,
  }),
  readJobLog: endpoint({
    method: "GET",
    path: "/jobs/:job/log",
    permission: "job:read",
    scope: "project",
    summary: "What an attempt printed, from a position on; the newest attempt when none is named.",
    params: byJob,
    query: z.object({
      attempt: z.coerce.number().int().min(1).optional(),
      from: z.coerce.number().int().min(0).default(0),
      /** Waits so long for more when there is nothing yet. */
      waitMs: z.coerce.number().int().min(0).max(20_000).default(0),
    }),
    answer: jobLog,
  }),
  listEnvironments: endpoint({
    method: "GET",
    path: "/environments",
    permission: "job:read",
    scope: "project",
    summary: "Python environments that the project has used, the last used first.",
    query: z.object(page),
    answer: z.object({ items: z.array(environment), nextToken: z.string().optional() }),
  }),
  getTarget: endpoint({
    method: "GET",
    path: "/compute",
    permission: "job:read",
    scope: "project",
    summary: "The machine that jobs run on: its room, what is taken, and how limits are held.",
    answer: computeTarget,
  }),
};
