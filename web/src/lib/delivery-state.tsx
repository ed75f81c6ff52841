import { plural } from "./format.ts";
import { Ago, Status } from "./words.tsx";

export interface DeliveryShown {
  state: "pending" | "delivered" | "failed";
  attempts: number;
  /** When a pending one is tried again. */
  nextMs: number | undefined;
  /** What it is called when it has arrived. */
  done: string;
}

/** What became of one message. */
export function DeliveryState({ state, attempts, nextMs, done }: DeliveryShown) {
  if (state === "delivered") return <Status status="succeeded" word={done} />;
  if (state === "failed")
    return <Status status="failed" word={`Given up after ${plural(attempts, "try", "tries")}`} />;
  if (attempts === 0) return <Status status="pending" word="Waits to be sent" />;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1">
      <Status status="pending" word={`${plural(attempts, "try", "tries")} failed`} />
      {nextMs !== undefined && (
        <span className="text-ink-3">
          again <Ago at={nextMs} />
        </span>
      )}
    </span>
  );
}

/** With the status that the receiver answered. */
export function deliveredWith(status: number | undefined): string {
  return `Delivered${status ? `, ${status}` : ""}`;
}
