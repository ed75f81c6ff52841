import { type Answer, addressOf, errorOf, type Input, type LooseInput } from "@atrium/contract/client";
import type { Endpoint, ErrorAnswer } from "@atrium/contract/http";
import { type QueryKey, type UseQueryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

export { type Answer, addressOf } from "@atrium/contract/client";

/** One operation of the API, callable. `route` doubles as the first part of its cache key. */
export interface Operation<E extends Endpoint> {
  (input: Input<E>, signal?: AbortSignal): Promise<Answer<E>>;
  route: string;
}

/** A refused request, in the server's words. */
export class ApiError extends Error {
  readonly code: string;
  readonly requestId: string;
  readonly at: string | undefined;
  readonly status: number;
  constructor(status: number, answer: ErrorAnswer["error"]) {
    super(answer.message);
    this.code = answer.code;
    this.requestId = answer.requestId;
    this.at = answer.at;
    this.status = status;
  }
}

/**
 * Names one operation of the contract. Only its types are imported: the browser carries no schema, and the compiler
 * holds `route` to the method and path the server has.
 */
export function operation<E extends Endpoint>(route: `${E["method"]} ${E["path"]}`): Operation<E> {
  const call = (input: Input<E>, signal?: AbortSignal) => send(route, input as LooseInput, signal);
  return Object.assign(call, { route });
}

async function send(route: string, input: LooseInput, signal?: AbortSignal): Promise<never> {
  const [method = "GET", path = ""] = route.split(" ");
  const headers: Record<string, string> = { accept: "application/json" };
  if (input.body !== undefined) headers["content-type"] = "application/json";
  const response = await fetch(addressOf(path, input), {
    method,
    headers,
    credentials: "same-origin",
    body: input.body === undefined ? null : JSON.stringify(input.body),
    signal: signal ?? null,
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, {
      code: "unavailable",
      message: "The server did not answer. Check that it is running, then try again.",
      requestId: "",
    });
  });
  if (response.status === 204) return undefined as never;
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as never;
  throw new ApiError(response.status, errorOf(response.status, answer));
}

export function queryKey<E extends Endpoint>(called: Operation<E>, input: Input<E>): QueryKey {
  return [called.route, input];
}

type Options<E extends Endpoint> = Omit<UseQueryOptions<Answer<E>, ApiError>, "queryKey" | "queryFn">;

/** Reads through the cache; the live stream keeps what is on screen fresh. */
export function useApi<E extends Endpoint>(called: Operation<E>, input: Input<E>, options: Options<E> = {}) {
  return useQuery<Answer<E>, ApiError>({
    queryKey: queryKey(called, input),
    queryFn: ({ signal }) => called(input, signal),
    ...options,
  });
}

type Page = { items: readonly unknown[]; nextToken?: string | undefined };
/** An operation whose answer is a page of a list. */
type Paged<E extends Endpoint> = Answer<E> extends Page ? E : never;

/** Reads a list page by page. */
export function usePages<E extends Endpoint>(
  called: Operation<Paged<E>> & Operation<E>,
  input: Input<E>,
  enabled = true,
) {
  return useInfiniteQuery<Answer<E>, ApiError, { pages: Answer<E>[] }, QueryKey, string>({
    queryKey: [called.route, input, "pages"],
    initialPageParam: "",
    queryFn: ({ signal, pageParam }) => {
      const query = { ...(input as LooseInput).query, ...(pageParam ? { pageToken: pageParam } : {}) };
      return called({ ...input, query }, signal);
    },
    getNextPageParam: (last) => (last as Page).nextToken ?? null,
    placeholderData: (previous) => previous,
    // Comparing ten thousand rows to keep those that are equal costs more than drawing the thirty in view again.
    structuralSharing: false,
    enabled,
  });
}

/** Reads a list's next page, if there is one; the same function while nothing changes, so that an effect may name it. */
export function useMore(pages: { hasNextPage: boolean; fetchNextPage: () => unknown }): () => void {
  const { hasNextPage, fetchNextPage } = pages;
  return useCallback(() => {
    if (hasNextPage) void fetchNextPage();
  }, [hasNextPage, fetchNextPage]);
}
