import { errorOf } from "@atrium/contract/client";
import type { NotebookFile, NotebookServer, notebooksApi } from "@atrium/contract/notebooks";
import { useMemo } from "react";
import { ApiError, addressOf, operation, useApi, usePages } from "../../lib/api.ts";

type Api = typeof notebooksApi;

export const startServer = operation<Api["startServer"]>("POST /notebook-server");
export const stopServer = operation<Api["stopServer"]>("POST /notebook-server/stop");
const getServer = operation<Api["getServer"]>("GET /notebook-server");
const listServers = operation<Api["listServers"]>("GET /notebook-servers");
const listFiles = operation<Api["listFiles"]>("GET /notebooks/files");
const getFile = operation<Api["getFile"]>("GET /notebooks/file");
const readDocument = operation<Api["readDocument"]>("GET /notebooks/document");
export const moveFile = operation<Api["moveFile"]>("POST /notebooks/move");
export const removeFile = operation<Api["removeFile"]>("DELETE /notebooks/file");
const listVersions = operation<Api["listVersions"]>("GET /notebooks/versions");
export const restoreVersion = operation<Api["restoreVersion"]>("POST /notebooks/restore");
export const startRun = operation<Api["startRun"]>("POST /notebooks/runs");
const listRuns = operation<Api["listRuns"]>("GET /notebooks/runs");
const getRun = operation<Api["getRun"]>("GET /notebooks/runs/:run");
const readRunDocument = operation<Api["readRunDocument"]>("GET /notebooks/runs/:run/document");

/** What a change of files or runs makes stale. */
export const NOTEBOOK_READS = ["/notebooks/"];
export const SERVER_READS = ["/notebook-server"];

const PAGE = 200;
const FOUND_MAX = 8;
const SEARCHED_MAX = 1000; // The most that one page of the list has.
const NONE: never[] = [];
// The stream tells when a server's job begins and ends. That Jupyter answers, it tells nobody: only asking shows it.
const ANSWERS_ASKED_MS = 1000;

/** Every file of the project, by path; folders stand in the paths. */
export function useFiles(project: string) {
  const pages = usePages(listFiles, { project, query: { below: "all", pageSize: PAGE } });
  const rows = useMemo<readonly NotebookFile[]>(
    () => pages.data?.pages.flatMap((page) => page.items).filter(({ kind }) => kind !== "folder") ?? NONE,
    [pages.data],
  );
  return { ...pages, rows };
}

export async function findNotebooks(
  project: string,
  text: string,
  signal: AbortSignal,
): Promise<readonly NotebookFile[]> {
  const found = await listFiles({ project, query: { below: "all", pageSize: SEARCHED_MAX } }, signal);
  const wanted = text.toLowerCase();
  return found.items
    .filter(({ kind, path }) => kind === "notebook" && path.toLowerCase().includes(wanted))
    .slice(0, FOUND_MAX);
}

export function useFile(project: string, path: string) {
  return useApi(getFile, { project, query: { path } }, { enabled: path !== "" });
}

export function useDocument(project: string, of: { path: string; version?: number | undefined }) {
  const query = { path: of.path, ...(of.version === undefined ? {} : { version: of.version }) };
  return useApi(readDocument, { project, query });
}

export function useVersions(project: string, path: string) {
  const pages = usePages(listVersions, { project, query: { path, pageSize: PAGE } });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? NONE, [pages.data]);
  return { ...pages, rows };
}

export function useRuns(project: string, path?: string) {
  const pages = usePages(listRuns, { project, query: { pageSize: PAGE, ...(path ? { path } : {}) } });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? NONE, [pages.data]);
  return { ...pages, rows };
}

export function useRun(project: string, id: string) {
  return useApi(getRun, { project, params: { run: id } });
}

export function useRunDocument(project: string, id: string) {
  return useApi(readRunDocument, { project, params: { run: id } });
}

export function useServers(project: string) {
  const pages = usePages(listServers, { project, query: { pageSize: PAGE } });
  const rows = useMemo<readonly NotebookServer[]>(
    () => pages.data?.pages.flatMap((page) => page.items) ?? NONE,
    [pages.data],
  );
  return { ...pages, rows };
}

/** The reader's own server, once it has been asked for. */
export function useServer(project: string, when: "read" | "wait") {
  return useApi(
    getServer,
    { project },
    {
      enabled: when === "read",
      refetchInterval: ({ state }) => (state.data?.state === "starting" ? ANSWERS_ASKED_MS : false),
    },
  );
}

export function isUp(server: Pick<NotebookServer, "state">): boolean {
  return server.state === "running" || server.state === "starting";
}

/** Stores bytes as a file that must not be there yet. */
export async function addFile(project: string, path: string, bytes: Blob): Promise<void> {
  const address = addressOf("/notebooks/content", { project, query: { path, expectedVersion: 0 } });
  const response = await fetch(address, {
    method: "PUT",
    headers: { "content-type": "application/octet-stream" },
    credentials: "same-origin",
    body: bytes,
  });
  if (response.ok) return;
  const answer: unknown = await response.json().catch(() => undefined);
  throw new ApiError(response.status, errorOf(response.status, answer));
}
