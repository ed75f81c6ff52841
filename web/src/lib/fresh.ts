import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { holdNews } from "./live.ts";
import { toast, toastError } from "./toast.tsx";

/** Does something, then reads again what it may have changed; an error becomes a message. */
export function useFresh(routes: readonly string[]): (deed: () => Promise<unknown>) => Promise<void> {
  const cache = useQueryClient();
  const key = routes.join("|");
  return useCallback(
    async (deed) => {
      try {
        await deed();
      } catch (error) {
        toastError(error);
        throw error;
      } finally {
        void cache.invalidateQueries({ predicate: readsOf(key) });
      }
    },
    [cache, key],
  );
}

/** Reads again what a deed may have changed; for forms, which show by themselves what was refused. */
export function useRefresh(routes: readonly string[]): () => void {
  const cache = useQueryClient();
  const key = routes.join("|");
  return useCallback(() => void cache.invalidateQueries({ predicate: readsOf(key) }), [cache, key]);
}

/**
 * Deletes what a page is about and leaves the page. What it was part of is read again where it is next shown; the thing
 * itself is not asked for once more.
 */
export function useFarewell(
  routes: readonly string[],
): (deed: () => Promise<unknown>, leave: () => void) => Promise<void> {
  const cache = useQueryClient();
  const key = routes.join("|");
  return useCallback(
    async (deed, leave) => {
      const release = holdNews();
      try {
        await deed();
        void cache.invalidateQueries({ predicate: readsOf(key), refetchType: "none" });
        leave();
      } catch (error) {
        toastError(error);
        throw error;
      } finally {
        release();
      }
    },
    [cache, key],
  );
}

function readsOf(key: string): (query: { queryKey: readonly unknown[] }) => boolean {
  const parts = key.split("|");
  return (query) => parts.some((part) => String(query.queryKey[0]).includes(part));
}

/** A deed that is done at once because it can be taken back. */
export interface Undoable {
  act: () => Promise<unknown>;
  /** What stands beside Undo when it is done. */
  said: string;
  undo: () => Promise<unknown>;
}

/** Does an undoable deed, says so with an Undo beside it, and shows what went wrong. Whether it was done is the answer. */
export function useUndoable(routes: readonly string[]): (deed: Undoable) => Promise<"done" | "failed"> {
  const fresh = useFresh(routes);
  return useCallback(
    ({ act, said, undo }) =>
      fresh(act).then(
        () => {
          toast(said, () => void fresh(undo).catch(() => undefined));
          return "done";
        },
        () => "failed",
      ),
    [fresh],
  );
}
