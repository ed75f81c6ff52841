import { z } from "zod";
import { jobLimits, jobState, requirements } from "./compute.ts";
import { endpoint } from "./http.ts";

const time = z.number().int();
const PATH_CHARACTERS_MAX = 500; // Ten folders deep with names of fifty; databases index it whole.
const PATH_PARTS_MAX = 20;
const PARAMETERS_MAX = 100;
const PARAMETERS_CHARACTERS_MAX = 64 * 1024; // They stand in one cell; data comes as a file.

/** Below the project's notebooks: relative, without a step up or an empty one; no part begins with a dot. */
export const notebookPath = z
  .string()
  .min(1)
  .max(PATH_CHARACTERS_MAX)
  .refine(
    (path) =>
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a control character in a name is what is refused.
      !/[\u0000-\u001f\u007f\\]/.test(path) &&
      path.split("/").length <= PATH_PARTS_MAX &&
      path.split("/").every((part) => part.trim() !== "" && !part.startsWith(".")),
    "Write a path such as reports/monthly.ipynb; no part of it may be empty or begin with a dot.",
  );
const folderPath = z.union([z.literal(""), notebookPath]);

/** `starting` covers the queue, the environment and Jupyter itself; `step` tells which. */
export const notebookServerState = z.enum(["starting", "running", "stopping", "stopped", "failed"]);

/** A person's Jupyter server in a project. */
export const notebookServer = z.object({
  id: z.string(),
  userId: z.string(),
  userName: z.string(),
  state: notebookServerState,
  /** What happens now, in words for people: waiting for room, the environment is built, Jupyter starts. */
  step: z.string(),
  /** Where it opens, below this server's address; also while it starts, as a page that shows the progress. */
  url: z.string(),
  /** The job that it runs as: its log and metrics are that job's. */
  jobId: z.string(),
  /** Lines that are installed for kernels beside the platform's clients. */
  requirements: z.array(z.string()),
  startedMs: time,
  endedMs: time.nullable(),
  /** Why it ended, when nobody asked for it. */
  reason: z.string().nullable(),
  /** The last time that a kernel worked or someone sent it something. */
  activeMs: time,
  /** When it will be stopped if nothing happens; null while a kernel works, or it does not run. */
  stopsMs: time.nullable(),
  kernels: z.number().int(),
  busyKernels: z.number().int(),
});
export type NotebookServer = z.output<typeof notebookServer>;

export const notebookFile = z.object({
  path: z.string(),
  kind: z.enum(["notebook", "file", "folder"]),
  sizeBytes: z.number().int(),
  /** Of its newest version, from 1; 0 for a folder. */
  version: z.number().int(),
  /** SHA-256 of the newest version's bytes, lower-case hexadecimal; empty for a folder. */
  digest: z.string(),
  createdMs: time,
  modifiedMs: time,
  modifiedBy: z.string(),
});
export type NotebookFile = z.output<typeof notebookFile>;

export const notebookVersion = z.object({
  version: z.number().int(),
  sizeBytes: z.number().int(),
  digest: z.string(),
  savedMs: time,
  savedBy: z.string(),
});
export type NotebookVersion = z.output<typeof notebookVersion>;

/**
 * One output of a cell. Everything is plain text or an image's bytes, save `html`: it may hold scripts and belongs into a frame
 * with `sandbox` and without `allow-same-origin`. `cut`: the rest was too long to be shown.
 */
export const notebookOutput = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("stream"),
    name: z.enum(["stdout", "stderr"]),
    text: z.string(),
    cut: z.boolean(),
  }),
  z.object({ kind: z.literal("text"), text: z.string(), cut: z.boolean() }),
  z.object({ kind: z.literal("markdown"), text: z.string(), cut: z.boolean() }),
  z.object({ kind: z.literal("json"), text: z.string(), cut: z.boolean() }),
  z.object({ kind: z.literal("latex"), text: z.string(), cut: z.boolean() }),
  z.object({ kind: z.literal("html"), html: z.string() }),
  /** For an `img` alone, where also SVG runs nothing. */
  z.object({ kind: z.literal("image"), mediaType: z.string(), base64: z.string() }),
  /** Too large, or of a kind that is not shown. */
  z.object({ kind: z.literal("omitted"), mediaType: z.string(), sizeBytes: z.number().int() }),
  z.object({ kind: z.literal("error"), name: z.string(), message: z.string(), traceback: z.string() }),
]);
export type NotebookOutput = z.output<typeof notebookOutput>;

export const notebookCell = z.object({
  id: z.string(),
  kind: z.enum(["code", "markdown", "raw"]),
  source: z.string(),
  /** `parameters`, `injected-parameters` and others. */
  tags: z.array(z.string()),
  executionCount: z.number().int().nullable(),
  /** Of a run; null when the notebook was not run as a job, or for cells without code. */
  state: z.enum(["pending", "running", "completed", "failed", "cancelled"]).nullable(),
  startedMs: time.nullable(),
  endedMs: time.nullable(),
  outputs: z.array(notebookOutput),
});
export type NotebookCell = z.output<typeof notebookCell>;

export const notebookDocument = z.object({
  path: z.string(),
  version: z.number().int(),
  /** The kernel's language, such as `python`. */
  language: z.string(),
  cells: z.array(notebookCell),
  /** True when there are more cells than are shown. */
  cut: z.boolean(),
});
export type NotebookDocument = z.output<typeof notebookDocument>;

/** A notebook that runs, or ran, as a job. */
export const notebookRun = z.object({
  id: z.string(),
  path: z.string(),
  /** The version that runs. */
  version: z.number().int(),
  parameters: z.record(z.string(), z.json()),
  /** `GET /jobs/:job` has its log, limits and attempts. */
  jobId: z.string(),
  state: jobState,
  reason: z.string().nullable(),
  startedBy: z.string(),
  queuedMs: time,
  endedMs: time.nullable(),
  cells: z.object({ total: z.number().int(), done: z.number().int() }),
});
export type NotebookRun = z.output<typeof notebookRun>;

export const newNotebookRun = z.strictObject({
  path: notebookPath,
  /** The newest one when not given. */
  version: z.number().int().min(1).optional(),
  /** Set in a cell behind the one tagged `parameters`; names are Python's. */
  parameters: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "A parameter's name is a Python name."),
      z.json(),
    )
    .refine((given) => Object.keys(given).length <= PARAMETERS_MAX, `At most ${PARAMETERS_MAX} parameters.`)
    .refine(
      (given) => JSON.stringify(given).length <= PARAMETERS_CHARACTERS_MAX,
      "The parameters are too long together.",
    )
    .default({}),
  requirements: requirements.default([]),
  limits: jobLimits.optional(),
});

const page = {
  pageSize: z.coerce.number().int().min(1).max(1000).default(100),
  pageToken: z.string().max(1500).optional(),
};
const version = z.coerce.number().int().min(1).optional();

export const notebooksApi = {
  startServer: endpoint({
    method: "POST",
    path: "/notebook-server",
    permission: "notebook:write",
    scope: "project",
    summary: "Starts the caller's Jupyter server in the project; one that runs or starts stays as it is.",
    body: z.strictObject({ requirements: requirements.default([]) }),
    answer: notebookServer,
    status: 202,
  }),
  getServer: endpoint({
    method: "GET",
    path: "/notebook-server",
    permission: "notebook:read",
    scope: "project",
    summary: "The caller's Jupyter server in the project, and how far its start has come.",
    answer: notebookServer,
  }),
  stopServer: endpoint({
    method: "POST",
    path: "/notebook-server/stop",
    permission: "notebook:write",
    scope: "project",
    summary: "Stops the caller's Jupyter server with its kernels; what was saved is kept.",
    answer: notebookServer,
  }),
  listServers: endpoint({
    method: "GET",
    path: "/notebook-servers",
    permission: "notebook:read",
    scope: "project",
    summary: "Everybody's Jupyter servers in the project, the last started first.",
    query: z.object(page),
    answer: z.object({ items: z.array(notebookServer), nextToken: z.string().optional() }),
  }),
  serverKey: endpoint({
    method: "GET",
    path: "/notebook-servers/:server/key",
    permission: "notebook:write",
    scope: "project",
    summary: "The key by which a Jupyter server knows its proxy; told to that server's own job alone.",
    params: z.object({ server: z.string().max(64) }),
    answer: z.object({ key: z.string(), owner: z.string() }),
  }),
  listFiles: endpoint({
    method: "GET",
    path: "/notebooks/files",
    permission: "notebook:read",
    scope: "project",
    summary: "One level of a folder, or everything below it, by path.",
    query: z.object({
      path: folderPath.default(""),
      below: z.enum(["one-level", "all"]).default("one-level"),
      ...page,
    }),
    answer: z.object({ items: z.array(notebookFile), nextToken: z.string().optional() }),
  }),
  getFile: endpoint({
    method: "GET",
    path: "/notebooks/file",
    permission: "notebook:read",
    scope: "project",
    summary: "What is known of one file or folder.",
    query: z.object({ path: notebookPath }),
    answer: notebookFile,
  }),
  putFile: endpoint({
    method: "PUT",
    path: "/notebooks/content",
    permission: "notebook:write",
    scope: "project",
    summary:
      "Stores a file as its next version; the same bytes again are no new one. Answers once that is durable.",
    query: z.object({
      path: notebookPath,
      /** Refused with a conflict when the newest version is another one; 0: there must be no such file. */
      expectedVersion: z.coerce.number().int().min(0).optional(),
    }),
    bodyKind: "bytes",
    answer: notebookFile,
  }),
  readContent: endpoint({
    method: "GET",
    path: "/notebooks/content",
    permission: "notebook:read",
    scope: "project",
    summary: "A file's bytes, of the newest version when none is named.",
    query: z.object({ path: notebookPath, version }),
    answer: z.unknown(),
  }),
  readDocument: endpoint({
    method: "GET",
    path: "/notebooks/document",
    permission: "notebook:read",
    scope: "project",
    summary: "A notebook's cells with outputs that are safe to draw.",
    query: z.object({ path: notebookPath, version }),
    answer: notebookDocument,
  }),
  makeFolder: endpoint({
    method: "POST",
    path: "/notebooks/folders",
    permission: "notebook:write",
    scope: "project",
    summary: "Makes a folder, with those above it; one that is there stays as it is.",
    body: z.strictObject({ path: notebookPath }),
    answer: notebookFile,
  }),
  moveFile: endpoint({
    method: "POST",
    path: "/notebooks/move",
    permission: "notebook:write",
    scope: "project",
    summary: "Gives a file, or a folder with all below it, another path; versions go with it.",
    body: z.strictObject({ from: notebookPath, to: notebookPath }),
    answer: notebookFile,
  }),
  removeFile: endpoint({
    method: "DELETE",
    path: "/notebooks/file",
    permission: "notebook:write",
    scope: "project",
    summary: "Deletes a file with its versions, or a folder with all below it.",
    query: z.object({ path: notebookPath }),
    answer: z.object({ removed: z.number().int() }),
  }),
  listVersions: endpoint({
    method: "GET",
    path: "/notebooks/versions",
    permission: "notebook:read",
    scope: "project",
    summary: "A file's versions, newest first.",
    query: z.object({ path: notebookPath, ...page }),
    answer: z.object({ items: z.array(notebookVersion), nextToken: z.string().optional() }),
  }),
  restoreVersion: endpoint({
    method: "POST",
    path: "/notebooks/restore",
    permission: "notebook:write",
    scope: "project",
    summary: "Makes an earlier version's bytes the newest version.",
    body: z.strictObject({ path: notebookPath, version: z.number().int().min(1) }),
    answer: notebookFile,
  }),
  startRun: endpoint({
    method: "POST",
    path: "/notebooks/runs",
    permission: "notebook:write",
    scope: "project",
    summary: "Runs a notebook from its first cell to its last as a job; outputs are kept cell by cell.",
    body: newNotebookRun,
    answer: notebookRun,
    status: 201,
  }),
  listRuns: endpoint({
    method: "GET",
    path: "/notebooks/runs",
    permission: "notebook:read",
    scope: "project",
    summary: "Notebooks that ran as jobs, the newest first.",
    query: z.object({ path: notebookPath.optional(), ...page }),
    answer: z.object({ items: z.array(notebookRun), nextToken: z.string().optional() }),
  }),
  getRun: endpoint({
    method: "GET",
    path: "/notebooks/runs/:run",
    permission: "notebook:read",
    scope: "project",
    summary: "One run of a notebook.",
    params: z.object({ run: z.string().max(64) }),
    answer: notebookRun,
  }),
  readRunDocument: endpoint({
    method: "GET",
    path: "/notebooks/runs/:run/document",
    permission: "notebook:read",
    scope: "project",
    summary: "The notebook as far as it has run: each cell with its state and outputs, safe to draw.",
    params: z.object({ run: z.string().max(64) }),
    answer: notebookDocument,
  }),
  readRunContent: endpoint({
    method: "GET",
    path: "/notebooks/runs/:run/content",
    permission: "notebook:read",
    scope: "project",
    summary: "The executed notebook as a file, as far as it has run.",
    params: z.object({ run: z.string().max(64) }),
    answer: z.unknown(),
  }),
  saveRun: endpoint({
    method: "PUT",
    path: "/notebooks/runs/:run/content",
    permission: "notebook:write",
    scope: "project",
    summary: "What a run's job says of itself after each cell; taken from that job alone.",
    params: z.object({ run: z.string().max(64) }),
    query: z.object({ done: z.coerce.number().int().min(0), total: z.coerce.number().int().min(0) }),
    bodyKind: "bytes",
    answer: notebookRun,
  }),
};
