import type { ReactNode } from "react";

/** One tab of the room: a sentence on what it is for, its one action, its table. */
export function Panel({
  words,
  action,
  children,
}: {
  words: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-3 px-4 py-3">
        <p className="min-w-48 flex-1 text-ink-2">{words}</p>
        {action}
      </div>
      {children}
    </div>
  );
}
