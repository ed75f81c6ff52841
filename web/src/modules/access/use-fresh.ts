import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { toastError } from "../../lib/toast.tsx";

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
