import { useSyncExternalStore } from "react";

// Below this a sidebar beside a table leaves neither enough room.
const SMALL = "(max-width: 720px)";

export function useSmallScreen(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = matchMedia(SMALL);
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => matchMedia(SMALL).matches,
  );
}
