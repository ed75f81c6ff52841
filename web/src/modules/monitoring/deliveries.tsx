import type { Channel, Delivery } from "@atrium/contract/monitoring";
import { RotateCw } from "lucide-react";
import { formatTime } from "../../lib/format.ts";
import { useFresh } from "../../lib/fresh.ts";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago } from "../../lib/words.tsx";
import { AlertDeliveryState } from "./alert-delivery-state.tsx";
import { MONITORING_READS, retryDelivery, useDeliveries } from "./monitoring-api.ts";

const EVENTS: Record<string, string> = {
  "incident.opened": "Incident opened",
  "incident.resolved": "Incident resolved",
  "channel.tested": "Test",
};

/** What was sent to a channel, or is to be, newest first. */
export function Deliveries({ project, channel }: { project: string; channel: Channel }) {
  const { rows, error, isPending, refetch, hasNextPage, fetchNextPage } = useDeliveries(project, {
    channelId: channel.id,
  });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  return (
    <div className="flex flex-col gap-4 p-4">
      <Facts
        items={[
          [
            "Webhook",
            <code key="url" className="break-all">
              {channel.url}
            </code>,
          ],
          ["Signed with", <code key="secret">{channel.secret}</code>],
          ["Created by", channel.createdBy],
        ]}
      />
      <section aria-label="Delivery log">
        <h2 className="mb-1">Delivery log</h2>
        {rows.length === 0 && (
          <p className="text-ink-3">Nothing was sent in the last 30 days. Test it to see whether it works.</p>
        )}
        <ul className="flex flex-col">
          {rows.map((delivery) => (
            <DeliveryLine key={delivery.id} project={project} delivery={delivery} />
          ))}
        </ul>
        {hasNextPage && (
          <button type="button" className="button mt-2" onClick={() => void fetchNextPage()}>
            Show earlier
          </button>
        )}
      </section>
    </div>
  );
}

function DeliveryLine({ project, delivery }: { project: string; delivery: Delivery }) {
  const { can } = useSession();
  const fresh = useFresh(MONITORING_READS);
  const { id, event, incidentId, createdMs, endedMs, lastError, state } = delivery;
  const words = EVENTS[event] ?? event;
  return (
    <li className="flex flex-col gap-0.5 border-line border-b py-2">
      <div className="flex flex-wrap items-center gap-x-3">
        {incidentId === undefined ? (
          <span className="font-medium">{words}</span>
        ) : (
          <Link className="link font-medium" to={paths.incident(project, incidentId)}>
            {words}
          </Link>
        )}
        <AlertDeliveryState delivery={delivery} />
        <span
          className="ml-auto text-ink-3"
          title={endedMs === undefined ? undefined : `Ended ${formatTime(endedMs)}`}
        >
          <Ago at={createdMs} />
        </span>
        {state === "failed" && can("monitor:write") && (
          <button
            type="button"
            className="button !h-6 !px-2"
            onClick={() =>
              void fresh(() => retryDelivery({ project, params: { delivery: id } })).catch(() => undefined)
            }
          >
            <RotateCw size={12} /> Try again
          </button>
        )}
      </div>
      {lastError !== undefined && <p className="text-bad text-xs">{lastError}</p>}
    </li>
  );
}
