import type { Readable } from "node:stream";
import type {
  NotebookDocument,
  NotebookFile,
  NotebookRun,
  NotebookServer,
  NotebookVersion,
  newNotebookRun,
} from "@atrium/contract/notebooks";
import type { z } from "zod";
import type { Page } from "#lib/paging";
import type { Actor } from "#modules/identity";

export interface PageAsked {
  pageSize: number;
  pageToken?: string | undefined;
}

/** A file of a project's notebooks, in one of its versions; the newest when none is named. */
export interface FileAt {
  projectId: string;
  path: string;
  version?: number | undefined;
}

export interface NewContent {
  projectId: string;
  path: string;
  bytes: Readable;
  /** What the sender announced, in bytes. */
  sizeBytes?: number | undefined;
  /** Refused with `conflict` when the newest version is another one; 0: there must be no such file. */
  expectedVersion?: number | undefined;
}

/** A project's notebooks and the files beside them. Each save is a version; nothing is acknowledged before it is durable. */
export interface NotebookFiles {
  list(
    actor: Actor,
    asked: PageAsked & { projectId: string; path: string; below: "one-level" | "all" },
  ): Promise<Page<NotebookFile>>;
  get(actor: Actor, at: FileAt): Promise<NotebookFile>;
  /** The same bytes again are no new version. @throws AppError `invalid`, `conflict`, `exhausted` */
  putFile(actor: Actor, given: NewContent): Promise<NotebookFile>;
  open(actor: Actor, at: FileAt): Promise<{ file: NotebookFile; bytes: Readable }>;
  document(actor: Actor, at: FileAt): Promise<NotebookDocument>;
  makeFolder(actor: Actor, at: FileAt): Promise<NotebookFile>;
  move(actor: Actor, given: { projectId: string; from: string; to: string }): Promise<NotebookFile>;
  /** Answers with how many files went. */
  remove(actor: Actor, at: FileAt): Promise<number>;
  versions(actor: Actor, asked: PageAsked & FileAt): Promise<Page<NotebookVersion>>;
  restore(actor: Actor, at: FileAt & { version: number }): Promise<NotebookFile>;
}

/** A person's Jupyter server in a project: a job that is told to end when nobody needs it. */
export interface NotebookServers {
  /** One that runs or starts stays as it is, however many ask. @throws AppError `exhausted`, `forbidden`, `invalid` */
  start(actor: Actor, projectId: string, given: { requirements: readonly string[] }): Promise<NotebookServer>;
  /** The actor's own. @throws AppError `not_found` when there never was one */
  get(actor: Actor, projectId: string): Promise<NotebookServer>;
  stop(actor: Actor, projectId: string): Promise<NotebookServer>;
  list(actor: Actor, asked: PageAsked & { projectId: string }): Promise<Page<NotebookServer>>;
  /** For that server's own job alone. */
  key(actor: Actor, projectId: string, id: string): Promise<{ key: string; owner: string }>;
  /**
   * For the proxy, at each request: where the person's server is, and what vouches for the actor there.
   * @throws AppError `not_found` for anyone but its owner, however much else they may do
   */
  reach(actor: Actor, projectId: string, userId: string): Promise<Reached>;
}

/** `away`: it does not run, or not yet. */
export type Reached = { kind: "away" } | { kind: "running"; socketPath: string; identity: string };

/** Notebooks that run as jobs. */
export interface NotebookRuns {
  start(actor: Actor, projectId: string, given: z.output<typeof newNotebookRun>): Promise<NotebookRun>;
  list(
    actor: Actor,
    asked: PageAsked & { projectId: string; path?: string | undefined },
  ): Promise<Page<NotebookRun>>;
  get(actor: Actor, projectId: string, id: string): Promise<NotebookRun>;
  document(actor: Actor, projectId: string, id: string): Promise<NotebookDocument>;
  open(actor: Actor, projectId: string, id: string): Promise<{ name: string; bytes: Readable }>;
  /** What the run's own job says of itself. @throws AppError `forbidden` for anyone else */
  save(
    actor: Actor,
    given: { projectId: string; id: string; bytes: Readable; done: number; total: number },
  ): Promise<NotebookRun>;
}

export interface Notebooks {
  files: NotebookFiles;
  servers: NotebookServers;
  runs: NotebookRuns;
}
