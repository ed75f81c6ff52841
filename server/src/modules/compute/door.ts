import type {
  ComputeTarget,
  Environment,
  Job,
  JobDetails,
  JobLog,
  JobSource,
  JobState,
} from "@atrium/contract/compute";
import type { Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";

/** Python packages that belong together: resolved once to a lock, whose digest names one shared, read-only folder. */
export interface EnvironmentSpec {
  /** PEP 508 lines, or a whole lock with hashes; comments and order do not matter. */
  requirements: readonly string[];
  /** Laid beside them without what they ask for in turn: what runs with less than it names. */
  alone?: readonly string[] | undefined;
}

export interface ReadyEnvironment {
  digest: string;
  /** The root of it; its programs lie in `bin`. */
  folder: string;
  /** The interpreter, an absolute path on this machine. */
  python: string;
  /** `name==version` of everything that is installed, sorted. */
  packages: readonly string[];
}

export interface Environments {
  /**
   * Resolves and builds, once however many ask; answers when it is ready.
   * @throws AppError `invalid` with the resolver's words when the lines cannot be had together
   */
  ensure(
    actor: Actor,
    projectId: string,
    spec: EnvironmentSpec,
    signal?: AbortSignal,
  ): Promise<ReadyEnvironment>;
  /** What the project has used, the last used first. */
  list(actor: Actor, projectId: string, asked: PageAsked): Promise<Page<Environment>>;
}

export interface PageAsked {
  pageSize: number;
  pageToken?: string | undefined;
}

/** A command with its files and limits; what it runs on is compute's business. */
export interface NewJob {
  /** Chosen by the caller, so that submitting again is the same job. */
  id: string;
  projectId: string;
  name: string;
  /** What it is done for, such as `{ type: "pipeline-step", id }`; its events carry it. */
  origin?: { type: string; id: string } | undefined;
  /** `python` as the first word is the environment's interpreter. */
  command: readonly string[];
  environment?: EnvironmentSpec | undefined;
  /** Environments that it needs and does not run in: by the variable that will hold the folder of each. */
  besides?: Readonly<Record<string, EnvironmentSpec>> | undefined;
  /**
   * `beside-queue`: it starts at once and takes no cores of those that the queue gives out, for it mostly waits for people.
   * Whoever submits such jobs bounds how many there are.
   */
  place?: "in-queue" | "beside-queue" | undefined;
  /** Laid into the working folder before the start: relative path → text. */
  files?: Readonly<Record<string, string>> | undefined;
  /** Copied into the working folder before the start; a folder with all below it. */
  inputs?: readonly { artifactPath: string; to: string }[] | undefined;
  /** Stored when the command ended well, all or none, by the attempt that holds the fence. */
  outputs?: readonly { from: string; artifactPath: string; optional?: boolean | undefined }[] | undefined;
  variables?: Readonly<Record<string, string>> | undefined;
  /** Environment variable → name of a secret of the project. */
  secrets?: Readonly<Record<string, string>> | undefined;
  limits?: JobLimits | undefined;
  /** Attempts after the first one, when the command fails; a lost machine or a killed server costs none. */
  retries?: number | undefined;
  /** Put on each line of its log, beside `job`. */
  labels?: Readonly<Record<string, string>> | undefined;
  /** Where its files come from, for people. */
  source?: JobSource | undefined;
}

export interface JobLimits {
  cores?: number | undefined;
  memoryMiB?: number | undefined;
  timeoutMs?: number | undefined;
  /** Of the working folder and its log. */
  outputMiB?: number | undefined;
}

export interface JobStatus {
  id: string;
  /** Where its newest attempt is; empty before the first. */
  machine: string;
  projectId: string;
  name: string;
  state: JobState;
  attempt: number;
  exitCode: number | null;
  /** Why it failed, in one sentence for people: the limit that was passed, the resolver's words, the signal. */
  reason: string | null;
  queuedMs: number;
  startedMs: number | null;
  endedMs: number | null;
  environmentDigest: string | null;
}

/**
 * What other modules see of jobs. Announces `job.started` and `job.finished` with `{ jobId, state, originType, originId }`,
 * each in the transaction that stores the state.
 */
export interface Jobs {
  /** In the caller's transaction; the actor's rights were checked by the caller (`checkSubmit`). Again with the same id: nothing. */
  submit(tx: Tx, actor: Actor, job: NewJob): Promise<void>;
  /** Permission, quota and what cannot run here, before the transaction. @throws AppError `invalid`, `not_found`, `forbidden`, `exhausted` */
  checkSubmit(actor: Actor, job: NewJob): Promise<void>;
  /** Checked, and in a transaction of its own. */
  submitAlone(actor: Actor, job: NewJob): Promise<void>;
  /** Ends the process group; the state follows. One that has ended is no error. */
  cancel(actor: Actor, projectId: string, id: string): Promise<void>;
  get(actor: Actor, projectId: string, id: string): Promise<JobStatus>;
  /** For those who need to know in their own transaction, without asking who wants to know. */
  find(tx: Tx, projectId: string, id: string): Promise<JobStatus | undefined>;
  details(actor: Actor, projectId: string, id: string): Promise<JobDetails>;
  list(
    actor: Actor,
    projectId: string,
    asked: PageAsked & {
      state?: JobState | undefined;
      originType?: string | undefined;
      originId?: string | undefined;
    },
  ): Promise<Page<Job>>;
  /** What an attempt printed, as text; of one that runs on another machine, nothing until it has ended. */
  log(actor: Actor, projectId: string, asked: LogAsked): Promise<JobLog>;
  target(actor: Actor, projectId: string): Promise<ComputeTarget>;
  /** Whether the actor is this very job's running attempt, by the token that it was given. */
  isOwn(actor: Actor, jobId: string): Promise<boolean>;
}

export interface LogAsked {
  jobId: string;
  attempt?: number | undefined;
  /** Bytes that were read before. */
  from: number;
  waitMs: number;
}

export interface Compute {
  environments: Environments;
  jobs: Jobs;
}
