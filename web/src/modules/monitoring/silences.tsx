import type { Silence } from "@atrium/contract/monitoring";
import { BellOff } from "lucide-react";
import { useMemo, useState } from "react";
import { useMore } from "../../lib/api.ts";
import { formatTime } from "../../lib/format.ts";
import { useFresh } from "../../lib/fresh.ts";
import { Panel } from "../../lib/panel.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago, Status, useNow } from "../../lib/words.tsx";
import { endSilence, MONITORING_READS, useSilences } from "./monitoring-api.ts";
import { SilenceDialog } from "./silence-dialog.tsx";

/** Who is not told of what, and until when. */
export function Silences({ project }: { project: string }) {
  const { can } = useSession();
  const [url, setUrl] = useUrl();
  const fresh = useFresh(MONITORING_READS);
  const [over, setOver] = useState<"new" | undefined>();
  const ended = url.ended === "included" ? "included" : "left out";
  const { rows, error, isPending, refetch, hasNextPage, fetchNextPage } = useSilences(project, ended);
  const more = useMore({ hasNextPage, fetchNextPage });
  const writes = can("monitor:write");
  const columns = useMemo(
    () =>
      silenceColumns(
        writes
          ? (silence) => void fresh(() => endSilence({ project, params: { silence } })).catch(() => undefined)
          : undefined,
      ),
    [writes, fresh, project],
  );
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  return (
    <Panel
      words="A silence keeps matching incidents from being told. They open all the same; those still open when it ends are told then."
      action={
        <>
          <label className="flex items-center gap-2 whitespace-nowrap">
            <input
              type="checkbox"
              className="accent-(--accent)"
              checked={ended === "included"}
              onChange={(event) => setUrl({ ended: event.target.checked ? "included" : undefined })}
            />
            Ended ones, too
          </label>
          {writes && (
            <button type="button" className="button" onClick={() => setOver("new")}>
              <BellOff size={14} /> New silence
            </button>
          )}
        </>
      }
    >
      <Table
        name="silences"
        label="Silences"
        rows={rows}
        rowId={({ id }) => id}
        columns={columns}
        onEndReached={more}
        empty={
          <EmptyState title="Nothing is silenced">
            Silence a monitor while you know why it alarms, such as a planned change of its data.
          </EmptyState>
        }
      />
      {over === "new" && <SilenceDialog project={project} onClose={() => setOver(undefined)} />}
    </Panel>
  );
}

function silenceColumns(onEnd: ((id: string) => void) | undefined): readonly Column<Silence>[] {
  const matchers = (silence: Silence) =>
    silence.matchers.map(({ name, value }) => `${name} is ${value}`).join(" and ");
  return [
    {
      id: "matchers",
      title: "Incidents whose",
      width: 320,
      fixed: "first",
      text: matchers,
      cell: (silence) => <span className="font-medium">{matchers(silence)}</span>,
    },
    {
      id: "state",
      title: "State",
      width: 120,
      usual: "shown",
      text: ({ endsMs }) => (endsMs > Date.now() ? "holds" : "ended"),
      cell: (silence) => <SilenceState silence={silence} />,
    },
    {
      id: "ends",
      title: "Ends",
      width: 120,
      usual: "shown",
      text: ({ endsMs }) => formatTime(endsMs),
      cell: ({ endsMs }) => <Ago at={endsMs} />,
    },
    {
      id: "comment",
      title: "Why",
      width: 260,
      usual: "shown",
      text: ({ comment }) => comment,
      cell: ({ comment }) => <span className="text-ink-2">{comment}</span>,
    },
    {
      id: "by",
      title: "By",
      width: 140,
      usual: "shown",
      text: ({ createdBy }) => createdBy,
      cell: ({ createdBy }) => createdBy,
    },
    ...(onEnd
      ? [
          {
            id: "end",
            title: "",
            width: 90,
            usual: "shown" as const,
            text: () => "",
            cell: (silence: Silence) => <EndNow silence={silence} onEnd={onEnd} />,
          },
        ]
      : []),
  ];
}

function SilenceState({ silence: { startsMs, endsMs } }: { silence: Silence }) {
  const now = useNow();
  if (endsMs <= now) return <Status status="finished" word="Ended" />;
  return startsMs > now ? (
    <Status status="scheduled" word="Begins later" />
  ) : (
    <Status status="active" word="Holds" />
  );
}

function EndNow({ silence, onEnd }: { silence: Silence; onEnd: (id: string) => void }) {
  const now = useNow();
  if (silence.endsMs <= now) return null;
  return (
    <button type="button" className="link" onClick={() => onEnd(silence.id)}>
      End now
    </button>
  );
}
