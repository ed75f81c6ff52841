import type { Query, QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

/** News from the server, as the stream sends it. */
export interface LiveEvent {
  kind: string;
  projectId: string | null;
  key: string;
  body: Record<string, unknown>;
  position: string;
}

export type LiveState = { state: "connecting" | "live" | "lost"; sinceMs: number };

type Message = { type: "event"; event: LiveEvent } | { type: "state"; state: LiveState } | { type: "who" };

const CHANNEL = "atrium-live";
// A browser allows six connections a host over HTTP/1.1, so all tabs share one stream: the tab that holds this lock
// reads it and tells the others; when that tab closes, the lock passes on and the next one resumes at the position.
const LOCK = "atrium-live-leader";
const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000];

const listeners = new Set<(event: LiveEvent) => void>();
const stateListeners = new Set<() => void>();
let state: LiveState = { state: "connecting", sinceMs: Date.now() };
let position = "";

/** Begins once a tab, after sign-in. The returned function leaves the stream to the other tabs. */
export function joinLive(): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  const stop = new AbortController();
  let leading = false;
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.type === "event") hear(data.event);
    if (data.type === "state" && !leading) setState(data.state);
    if (data.type === "who" && leading) channel.postMessage({ type: "state", state } satisfies Message);
  };
  channel.postMessage({ type: "who" } satisfies Message);
  const tell = (message: Message) => {
    // The lock may be granted, or a last message come, just after this tab has left.
    if (stop.signal.aborted) return;
    channel.postMessage(message);
    if (message.type === "event") hear(message.event);
    if (message.type === "state") setState(message.state);
  };
  const lead = () => {
    leading = true;
    return readStream(tell, stop.signal);
  };
  navigator.locks.request(LOCK, { signal: stop.signal }, lead).catch(() => {});
  return () => {
    stop.abort();
    channel.close();
  };
}

function readStream(tell: (message: Message) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    let source: EventSource | undefined;
    let failures = 0;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(
        `/api/atrium/v1/live${position ? `?after=${encodeURIComponent(position)}` : ""}`,
      );
      source.onopen = () => {
        failures = 0;
        tell({ type: "state", state: { state: "live", sinceMs: Date.now() } });
      };
      source.onmessage = (message) => tell({ type: "event", event: JSON.parse(message.data) as LiveEvent });
      // What happened since the position is not kept any more: a gap, for every tab.
      source.addEventListener("reset", () => {
        position = "";
        tell({ type: "state", state: { state: "lost", sinceMs: Date.now() } });
        tell({ type: "state", state: { state: "live", sinceMs: Date.now() } });
      });
      source.onerror = () => {
        source?.close();
        if (state.state !== "lost") tell({ type: "state", state: { state: "lost", sinceMs: Date.now() } });
        retry = setTimeout(open, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
      };
    };
    open();
    signal.addEventListener("abort", () => {
      source?.close();
      clearTimeout(retry);
      resolve();
    });
  });
}

function hear(event: LiveEvent): void {
  position = event.position;
  for (const listener of listeners) listener(event);
}

function setState(next: LiveState): void {
  state = next;
  for (const listener of stateListeners) listener();
}

function onLive(listener: (event: LiveEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    () => state,
  );
}

/** Which reads an event makes stale, by the noun it begins with: parts of the operations' routes. */
export type Staleness = Record<string, readonly string[]>;

/** The rules of all rooms as one: what two of them say of the same noun holds together. */
export function joinRules(all: readonly Staleness[]): Staleness {
  const joined: Record<string, readonly string[]> = {};
  for (const rules of all)
    for (const [noun, reads] of Object.entries(rules)) joined[noun] = [...(joined[noun] ?? []), ...reads];
  return joined;
}

/** What events were about: things of one noun, in these projects; in any when none is named. */
interface Changed {
  noun: string;
  /** Slugs and ids. */
  projects: readonly (string | null | undefined)[];
}

/** Whether a cached read shows what has changed. */
export function isStale(key: readonly unknown[], { noun, projects }: Changed, rules: Staleness): boolean {
  const [route, input] = key as [string, { project?: string } | undefined];
  if (typeof route !== "string" || !(rules[noun] ?? []).some((part) => route.includes(part))) return false;
  return input?.project === undefined || projects.length === 0 || projects.includes(input.project);
}

let holds = 0;

/** News wait while a page deletes what it is about: read again before the page is left, it would only be missing. */
export function holdNews(): () => void {
  holds += 1;
  return () => {
    holds -= 1;
  };
}

// Busy runs send many events; one refresh in this time serves them all.
const REFRESH_MS = 400;
// A list that somebody has scrolled far into is as many requests as it has pages: it is renewed less often.
const LONG_PAGES = 5;
const REFRESH_LONG_MS = 10_000;

function isLongAndFresh({ state: { data, dataUpdatedAt } }: Query): boolean {
  const pages = (data as { pages?: unknown[] } | undefined)?.pages?.length ?? 0;
  return pages > LONG_PAGES && Date.now() - dataUpdatedAt < REFRESH_LONG_MS;
}

/**
 * Marks cached reads stale as news comes in: what is on screen is read again at once, the rest when it is next shown.
 * `slugOf` gives the name that reads use for a project's id.
 */
export function keepFresh(
  cache: QueryClient,
  rules: Staleness,
  slugOf: (projectId: string) => string | undefined,
): () => void {
  type News = Map<string, Set<string | null | undefined>>;
  const soon: News = new Map();
  const later: News = new Map();
  const timers = new Map<News, ReturnType<typeof setTimeout>>();
  const wait = (news: News, afterMs: number) => {
    if (!timers.has(news)) timers.set(news, setTimeout(refresh, afterMs, news));
  };
  const refresh = (news: News) => {
    timers.delete(news);
    if (holds > 0) return wait(news, REFRESH_MS);
    const asked = [...news];
    news.clear();
    for (const [noun, projects] of asked) {
      const names = projects.has(null)
        ? []
        : [...projects].flatMap((id) => [id, id ? slugOf(id) : undefined]);
      const stale = (query: Query) => isStale(query.queryKey, { noun, projects: names }, rules);
      if (cache.getQueryCache().findAll({ type: "active", predicate: stale }).some(isLongAndFresh)) {
        later.set(noun, new Set([...(later.get(noun) ?? []), ...projects]));
        wait(later, REFRESH_LONG_MS);
      }
      void cache.invalidateQueries({ predicate: (query) => stale(query) && !isLongAndFresh(query) });
    }
  };
  const forget = onLive((event) => {
    const noun = event.kind.split(".")[0] ?? "";
    const projects = soon.get(noun) ?? new Set();
    soon.set(noun, projects.add(event.projectId));
    wait(soon, REFRESH_MS);
  });
  // After a gap nobody knows what changed.
  let lost = false;
  const onState = () => {
    if (state.state === "live" && lost) void cache.invalidateQueries();
    lost = state.state === "lost";
  };
  stateListeners.add(onState);
  return () => {
    forget();
    stateListeners.delete(onState);
    for (const timer of timers.values()) clearTimeout(timer);
  };
}
