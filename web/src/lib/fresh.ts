import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
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
        const parts = key.split("|");
        void cache.invalidateQueries({
          predicate: (query) => parts.some((part) => String(query.queryKey[0]).includes(part)),
        });
      }
    },
    [cache, key],
  );
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
