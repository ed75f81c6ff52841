import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { NotebookDocument, NotebookRun, NotebookServer } from "../../../contract/src/notebooks.ts";
import { type Answer, ask, type Person } from "./person.ts";

const PATIENCE_MS = 600_000; // The first start installs some hundred packages; on a busy machine that takes minutes.

/** A server of ours and what a program says to it. */
export interface Place {
  url: string;
  token: string;
}

interface Sent {
  body?: string;
  headers?: Record<string, string>;
}

export function createClient(place: Place, as?: Person) {
  const credentials =
    as === undefined
      ? { authorization: `Bearer ${place.token}` }
      : { cookie: as.cookie, origin: place.url, "sec-fetch-site": "same-origin" };
  return { raw, json, put, server, start, until, run, document, credentials };

  function raw(method: string, path: string, given: Sent = {}): Promise<Answer> {
    const { body, headers: more } = given;
    const kind = body === undefined ? {} : { "content-type": "application/json" };
    const headers = { ...kind, ...credentials, ...more };
    return ask(place.url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  }

  async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await raw(method, `/api/atrium/v1${path}`, text === undefined ? {} : { body: text });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text) as T;
  }

  async function put(path: string, content: string): Promise<void> {
    const answer = await raw("PUT", `/api/atrium/v1/notebooks/content?path=${encodeURIComponent(path)}`, {
      body: content,
      headers: { "content-type": "application/octet-stream" },
    });
    if (answer.status !== 200) throw new Error(`PUT ${path}: ${answer.status} ${answer.text}`);
  }

  function server(): Promise<NotebookServer> {
    return json<NotebookServer>("GET", "/notebook-server");
  }

  function start(): Promise<NotebookServer> {
    return json<NotebookServer>("POST", "/notebook-server", {});
  }

  async function until(...states: NotebookServer["state"][]): Promise<NotebookServer> {
    return poll(server, ({ state }) => states.includes(state));
  }

  /** Runs a notebook as a job up to a moment. */
  async function run(
    path: string,
    parameters: object,
    moment: (run: NotebookRun) => boolean,
  ): Promise<NotebookRun> {
    const { id } = await json<NotebookRun>("POST", "/notebooks/runs", { path, parameters });
    return poll(() => json<NotebookRun>("GET", `/notebooks/runs/${id}`), moment);
  }

  function document(runId: string): Promise<NotebookDocument> {
    return json<NotebookDocument>("GET", `/notebooks/runs/${runId}/document`);
  }
}

export type Client = ReturnType<typeof createClient>;

export async function poll<T>(look: () => Promise<T>, isThere: (seen: T) => boolean): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (isThere(seen)) return seen;
    if (performance.now() > deadline) throw new Error(`It did not come: ${JSON.stringify(seen)}`);
    await sleep(250);
  }
}

export function notebook(...cells: (string | { source: string; tags: string[] })[]): string {
  const of = (cell: string | { source: string; tags: string[] }, index: number) => {
    const { source, tags } = typeof cell === "string" ? { source: cell, tags: [] } : cell;
    return {
      id: `cell-${index}`,
      cell_type: "code",
      source,
      metadata: { tags },
      outputs: [],
      execution_count: null,
    };
  };
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } };
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells: cells.map(of) });
}

/** Processes whose command has all these words, as a person would find them with `ps`. */
export function processesWith(...words: string[]): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8") + environmentOf(pid);
        return words.every((word) => command.includes(word));
      } catch {
        return false; // It ended while it was looked at.
      }
    })
    .map(Number);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}
