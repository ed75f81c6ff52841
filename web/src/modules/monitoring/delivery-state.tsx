import type { Delivery } from "@atrium/contract/monitoring";
import { plural } from "../../lib/format.ts";
import { Ago, Status } from "../../lib/words.tsx";

/** What became of one message. */
export function DeliveryState({ delivery }: { delivery: Delivery }) {
  const { state, target, attempts, nextTryMs, lastStatus } = delivery;
  const done = target === "pipeline" ? "Started" : `Delivered${lastStatus ? `, ${lastStatus}` : ""}`;
  if (state === "delivered") return <Status status="succeeded" word={done} />;
  if (state === "failed")
    return <Status status="failed" word={`Given up after ${plural(attempts, "try", "tries")}`} />;
  if (attempts === 0) return <Status status="pending" word="Waits to be sent" />;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1">
      <Status status="pending" word={`${plural(attempts, "try", "tries")} failed`} />
      <span className="text-ink-3">
        again <Ago at={nextTryMs} />
      </span>
    </span>
  );
}
