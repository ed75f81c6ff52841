import type { Channel } from "@atrium/contract/monitoring";
import { Plus, Send } from "lucide-react";
import { useMemo, useState } from "react";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { MoreMenu } from "../../lib/menu.tsx";
import { Panel } from "../../lib/panel.tsx";
import { Peek } from "../../lib/peek.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago, Status } from "../../lib/words.tsx";
import { ChannelDialog } from "./channel-dialog.tsx";
import { Deliveries } from "./deliveries.tsx";
import { deleteChannel, MONITORING_READS, testChannel, useChannels } from "./monitoring-api.ts";

type Over = "new" | { edit: Channel } | { remove: Channel } | undefined;

/** Who is told of incidents, and what was sent to them. */
export function Channels({ project }: { project: string }) {
  const { can } = useSession();
  const [url, setUrl] = useUrl();
  const fresh = useFresh(MONITORING_READS);
  const [over, setOver] = useState<Over>();
  const { rows, error, isPending, refetch } = useChannels(project);
  const writes = can("monitor:write");
  const columns = useMemo(
    () =>
      channelColumns(
        writes
          ? {
              edit: (channel) => setOver({ edit: channel }),
              remove: (channel) => setOver({ remove: channel }),
              test: (channel) => {
                setUrl({ peek: channel.id });
                void fresh(() => testChannel({ project, params: { channel: channel.id } })).catch(
                  () => undefined,
                );
              },
            }
          : undefined,
      ),
    [writes, fresh, project, setUrl],
  );
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  const peeked = rows.find(({ id }) => id === url.peek);
  const close = () => setOver(undefined);
  return (
    <Panel
      words="Rules name the channels that hear of their incidents. Each message is signed with a secret of the project and tried for about ten minutes."
      action={
        writes && (
          <button type="button" className="button" onClick={() => setOver("new")}>
            <Plus size={14} /> New channel
          </button>
        )
      }
    >
      <Table
        name="alert-channels"
        label="Channels"
        rows={rows}
        rowId={({ id }) => id}
        columns={columns}
        active={url.peek}
        onActivate={({ id }) => setUrl({ peek: id })}
        empty={
          <EmptyState title="Nobody is told yet" drawing="flow">
            A webhook takes what a chat, a pager or a program of yours can receive. Put its signing secret
            into the project's secrets first, then name it here.
          </EmptyState>
        }
      />
      {peeked && (
        <Peek title={peeked.name} onClose={() => setUrl({ peek: undefined })}>
          <Deliveries project={project} channel={peeked} />
        </Peek>
      )}
      {over === "new" && <ChannelDialog project={project} onClose={close} />}
      {typeof over === "object" && "edit" in over && (
        <ChannelDialog project={project} channel={over.edit} onClose={close} />
      )}
      {typeof over === "object" && "remove" in over && (
        <ConfirmByTyping
          title="Delete the channel"
          name={over.remove.name}
          verb="Delete"
          explains="What waits to be sent to it is not sent, and its log goes with it. Rules that name it tell nobody there."
          onConfirm={() => fresh(() => deleteChannel({ project, params: { channel: over.remove.id } }))}
          onClose={close}
        />
      )}
    </Panel>
  );
}

interface Deeds {
  test: (channel: Channel) => void;
  edit: (channel: Channel) => void;
  remove: (channel: Channel) => void;
}

function channelColumns(deeds: Deeds | undefined): readonly Column<Channel>[] {
  return [
    {
      id: "name",
      title: "Channel",
      width: 180,
      fixed: "first",
      text: ({ name }) => name,
      cell: ({ name }) => <span className="font-medium">{name}</span>,
    },
    {
      id: "url",
      title: "Webhook",
      width: 380,
      usual: "shown",
      text: ({ url }) => url,
      cell: ({ url }) => <code title={url}>{url}</code>,
    },
    {
      id: "secret",
      title: "Signed with",
      width: 160,
      usual: "shown",
      text: ({ secret }) => secret,
      cell: ({ secret }) => <code>{secret}</code>,
    },
    {
      id: "enabled",
      title: "State",
      width: 110,
      usual: "shown",
      text: ({ enabled }) => (enabled ? "on" : "off"),
      cell: ({ enabled }) => (
        <Status status={enabled ? "active" : "cancelled"} word={enabled ? "On" : "Switched off"} />
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
    ...(deeds
      ? [
          {
            id: "deeds",
            title: "",
            width: 140,
            usual: "shown" as const,
            text: () => "",
            cell: (channel: Channel) => <ChannelDeeds channel={channel} deeds={deeds} />,
          },
        ]
      : []),
  ];
}

function ChannelDeeds({ channel, deeds }: { channel: Channel; deeds: Deeds }) {
  return (
    <span className="flex items-center justify-end gap-2">
      <button
        type="button"
        className="button !h-6 !px-2"
        aria-label={`Test ${channel.name}`}
        onClick={() => deeds.test(channel)}
      >
        <Send size={12} /> Test
      </button>
      <MoreMenu
        items={[
          { title: "Edit", run: () => deeds.edit(channel) },
          { title: "Delete", danger: "yes", run: () => deeds.remove(channel) },
        ]}
      />
    </span>
  );
}
