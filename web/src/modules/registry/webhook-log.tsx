import type { ModelWebhook, WebhookDelivery } from "@atrium/contract/registry";
import { DeliveryState, deliveredWith } from "../../lib/delivery-state.tsx";
import { Facts } from "../../lib/page.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago } from "../../lib/words.tsx";
import { useWebhookDeliveries } from "./registry-api.ts";
import { eventWords } from "./webhook-words.ts";

/** What a webhook is told of, and what was sent to it, newest first. */
export function WebhookLog({ project, webhook }: { project: string; webhook: ModelWebhook }) {
  const { rows, error, isPending, refetch, hasNextPage, fetchNextPage } = useWebhookDeliveries(
    project,
    webhook.id,
  );
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  return (
    <div className="flex flex-col gap-4 p-4">
      <Facts
        items={[
          [
            "Address",
            <code key="url" className="break-all">
              {webhook.url}
            </code>,
          ],
          ["Told when", webhook.events.map(eventWords).join("; ")],
          ["Signed", webhook.signed ? "yes" : "no"],
          ["Created by", webhook.createdBy],
          ...(webhook.description === "" ? [] : [["Description", webhook.description] as [string, string]]),
        ]}
      />
      <section aria-label="Delivery log">
        <h2 className="mb-1">Delivery log</h2>
        {rows.length === 0 && <p className="text-ink-3">Nothing was sent in the last 30 days.</p>}
        <ul className="flex flex-col">
          {rows.map((delivery) => (
            <DeliveryLine key={delivery.id} delivery={delivery} />
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

function DeliveryLine({ delivery }: { delivery: WebhookDelivery }) {
  const { event, createdMs, lastError, lastStatus, nextMs, state, attempts } = delivery;
  return (
    <li className="flex flex-col gap-0.5 border-line border-b py-2">
      <div className="flex flex-wrap items-center gap-x-3">
        <span className="font-medium first-letter:uppercase">{eventWords(event)}</span>
        <DeliveryState state={state} attempts={attempts} nextMs={nextMs} done={deliveredWith(lastStatus)} />
        <span className="ml-auto text-ink-3">
          <Ago at={createdMs} />
        </span>
      </div>
      {lastError !== undefined && <p className="text-bad text-xs">{lastError}</p>}
    </li>
  );
}
