import type { Delivery } from "@atrium/contract/monitoring";
import { DeliveryState, deliveredWith } from "../../lib/delivery-state.tsx";

/** What became of a message, or of the pipeline that an incident starts. */
export function AlertDeliveryState({ delivery }: { delivery: Delivery }) {
  const { state, target, attempts, nextTryMs, lastStatus } = delivery;
  const done = target === "pipeline" ? "Started" : deliveredWith(lastStatus);
  return <DeliveryState state={state} attempts={attempts} nextMs={nextTryMs} done={done} />;
}
