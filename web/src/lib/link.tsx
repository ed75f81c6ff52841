import { useRouter } from "@tanstack/react-router";
import { type AnchorHTMLAttributes, useCallback } from "react";

/** A real link whose address may carry a query; the screen behind it begins to load when the pointer rests on it. */
export function Link({ to, onClick, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const router = useRouter();
  const prefetch = () =>
    void router.preloadRoute({ to: to.split("?")[0] ?? to } as never).catch(() => undefined);
  return (
    <a
      href={to}
      {...rest}
      onMouseEnter={prefetch}
      onFocus={prefetch}
      onClick={(event) => {
        onClick?.(event);
        // Another button or key asks the browser for a new tab or window.
        if (
          event.defaultPrevented ||
          event.button !== 0 ||
          event.metaKey ||
          event.ctrlKey ||
          event.shiftKey ||
          event.altKey
        )
          return;
        event.preventDefault();
        router.history.push(to);
      }}
    />
  );
}

/** Goes to an address from code; the same function at every render, so that an effect may name it. */
export function useGo(): (to: string, how?: "replace") => void {
  const router = useRouter();
  return useCallback(
    (to, how) => (how === "replace" ? router.history.replace(to) : router.history.push(to)),
    [router],
  );
}
