import type { ModelWebhook } from "@atrium/contract/registry";
import { Plus, Send } from "lucide-react";
import { useMemo, useState } from "react";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { plural } from "../../lib/format.ts";
import { useFresh } from "../../lib/fresh.ts";
import { MoreMenu } from "../../lib/menu.tsx";
import { Panel } from "../../lib/panel.tsx";
import { Peek } from "../../lib/peek.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { toast } from "../../lib/toast.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago, Status } from "../../lib/words.tsx";
import { deleteWebhook, testWebhook, useWebhooks, WEBHOOK_READS } from "./registry-api.ts";
import { WebhookDialog } from "./webhook-dialog.tsx";
import { WebhookLog } from "./webhook-log.tsx";
import { eventWords } from "./webhook-words.ts";

type Over = "new" | { edit: ModelWebhook } | { remove: ModelWebhook } | undefined;

/** Who is told of changes of models and prompts, and what was sent to them. */
export function Webhooks({ project }: { project: string }) {
  const [url, setUrl] = useUrl();
  const fresh = useFresh(WEBHOOK_READS);
  const [over, setOver] = useState<Over>();
  const { rows, error, isPending, refetch } = useWebhooks(project);
  const columns = useMemo(
    () =>
      webhookColumns({
        edit: (webhook) => setOver({ edit: webhook }),
        remove: (webhook) => setOver({ remove: webhook }),
        test: (webhook) =>
          void fresh(async () => {
            const tried = await testWebhook({ project, params: { webhook: webhook.id }, body: {} });
            toast(
              tried.delivered
                ? `${webhook.name} answered ${tried.status}.`
                : `${webhook.name}: ${tried.error ?? "it was not delivered"}`,
            );
          }).catch(() => undefined),
      }),
    [fresh, project],
  );
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  const peeked = rows.find(({ id }) => id === url.peek);
  const close = () => setOver(undefined);
  return (
    <Panel
      words="Other programs hear of new versions, moved aliases and prompts, as with mlflow's webhooks. Each message is tried for about ten minutes."
      action={
        <button type="button" className="button" onClick={() => setOver("new")}>
          <Plus size={14} /> New webhook
        </button>
      }
    >
      <Table
        name="model-webhooks"
        label="Webhooks"
        rows={rows}
        rowId={({ id }) => id}
        columns={columns}
        active={url.peek}
        onActivate={({ id }) => setUrl({ peek: id })}
        empty={
          <EmptyState title="Nobody is told yet" drawing="flow">
            A webhook starts what follows a new version: a build, a deployment elsewhere, a word in a chat.
          </EmptyState>
        }
      />
      {peeked && (
        <Peek title={peeked.name} onClose={() => setUrl({ peek: undefined })}>
          <WebhookLog project={project} webhook={peeked} />
        </Peek>
      )}
      {over === "new" && <WebhookDialog project={project} onClose={close} />}
      {typeof over === "object" && "edit" in over && (
        <WebhookDialog project={project} webhook={over.edit} onClose={close} />
      )}
      {typeof over === "object" && "remove" in over && (
        <ConfirmByTyping
          title="Delete the webhook"
          name={over.remove.name}
          verb="Delete"
          explains="What waits to be sent to it is not sent, and its log goes with it."
          onConfirm={() => {
            setUrl({ peek: undefined }); // Its log is asked for no more.
            return fresh(() => deleteWebhook({ project, params: { webhook: over.remove.id } }));
          }}
          onClose={close}
        />
      )}
    </Panel>
  );
}

interface Deeds {
  test: (webhook: ModelWebhook) => void;
  edit: (webhook: ModelWebhook) => void;
  remove: (webhook: ModelWebhook) => void;
}

function webhookColumns(deeds: Deeds): readonly Column<ModelWebhook>[] {
  return [
    {
      id: "name",
      title: "Webhook",
      width: 180,
      fixed: "first",
      text: ({ name }) => name,
      cell: ({ name }) => <span className="font-medium">{name}</span>,
    },
    {
      id: "url",
      title: "Address",
      width: 340,
      usual: "shown",
      text: ({ url }) => url,
      cell: ({ url }) => <code title={url}>{url}</code>,
    },
    {
      id: "events",
      title: "Told of",
      width: 110,
      usual: "shown",
      text: ({ events }) => events.length,
      cell: ({ events }) => (
        <span title={events.map(eventWords).join("\n")}>{plural(events.length, "event")}</span>
      ),
    },
    {
      id: "state",
      title: "State",
      width: 120,
      usual: "shown",
      text: ({ state }) => state,
      cell: ({ state }) => (
        <Status
          status={state === "active" ? "active" : "cancelled"}
          word={state === "active" ? "On" : "Switched off"}
        />
      ),
    },
    {
      id: "updated",
      title: "Changed",
      width: 110,
      usual: "shown",
      text: ({ updatedMs }) => updatedMs,
      cell: ({ updatedMs }) => <Ago at={updatedMs} />,
    },
    {
      id: "deeds",
      title: "",
      width: 140,
      usual: "shown",
      text: () => "",
      cell: (webhook) => <WebhookDeeds webhook={webhook} deeds={deeds} />,
    },
  ];
}

function WebhookDeeds({ webhook, deeds }: { webhook: ModelWebhook; deeds: Deeds }) {
  return (
    <span className="flex items-center justify-end gap-2">
      <button
        type="button"
        className="button !h-6 !px-2"
        aria-label={`Test ${webhook.name}`}
        onClick={() => deeds.test(webhook)}
      >
        <Send size={12} /> Test
      </button>
      <MoreMenu
        items={[
          { title: "Edit", run: () => deeds.edit(webhook) },
          { title: "Delete", danger: "yes", run: () => deeds.remove(webhook) },
        ]}
      />
    </span>
  );
}
