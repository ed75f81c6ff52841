import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

/** What a page keeps in its address: flat words, as people would write them by hand. */
export type UrlState = Record<string, string | undefined>;

/** Flat text in, flat text out: no JSON in an address. A name given twice joins with commas. */
export function parseSearch(text: string): UrlState {
  const state: UrlState = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = state[name];
    state[name] = before === undefined ? value : `${before},${value}`;
  }
  return state;
}

export function stringifySearch(state: Record<string, unknown>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  // Commas and slashes are legal in a query and far easier to read.
  const text = search.toString().replaceAll("%2C", ",").replaceAll("%2F", "/");
  return text ? `?${text}` : "";
}

/** Reads the address and changes parts of it. `push` leaves a step for the back button; the default replaces. */
export function useUrl(): [UrlState, (change: UrlState, how?: "push") => void] {
  const state = useSearch({ strict: false }) as UrlState;
  const navigate = useNavigate();
  const set = useCallback(
    (change: UrlState, how?: "push") => {
      void navigate({
        to: ".",
        search: ((before: UrlState) => ({ ...before, ...change })) as never,
        replace: how !== "push",
        resetScroll: false,
      });
    },
    [navigate],
  );
  return [state, set];
}

export function listOf(text: string | undefined): string[] {
  return text ? text.split(",").filter(Boolean) : [];
}

/** `-started` sorts by `started`, largest first. */
export interface Sort {
  column: string;
  direction: "ascending" | "descending";
}

export function parseSort(text: string | undefined): Sort | undefined {
  if (!text) return undefined;
  return text.startsWith("-")
    ? { column: text.slice(1), direction: "descending" }
    : { column: text, direction: "ascending" };
}

export function formatSort(sort: Sort | undefined): string | undefined {
  return sort && (sort.direction === "descending" ? `-${sort.column}` : sort.column);
}

/** A header click: first the given direction, then the other, then none. */
export function nextSort(
  current: Sort | undefined,
  column: string,
  first: Sort["direction"] = "descending",
): Sort | undefined {
  if (current?.column !== column) return { column, direction: first };
  if (current.direction === first)
    return { column, direction: first === "descending" ? "ascending" : "descending" };
  return undefined;
}
