import type { Session } from "@atrium/contract/identity";
import { usePages } from "../../lib/api.ts";
import { formatTime } from "../../lib/format.ts";
import { useFresh } from "../../lib/fresh.ts";
import { Panel } from "../../lib/panel.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { toast } from "../../lib/toast.tsx";
import { Ago } from "../../lib/words.tsx";
import { browserName } from "./browser-name.ts";
import { listSessions, revokeSession } from "./settings-api.ts";

/** Where the person is signed in; any but this one can be ended here. */
export function Sessions() {
  const pages = usePages(listSessions, {});
  const fresh = useFresh(["/sessions"]);
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const others = rows.filter((session) => !session.current);
  const end = (sessions: readonly Session[]) =>
    void fresh(async () => {
      await Promise.all(sessions.map((one) => revokeSession({ params: { session: one.id } })));
      toast(sessions.length === 1 ? "Session ended" : `${sessions.length} sessions ended`);
    }).catch(() => undefined);
  if (pages.error) return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  if (pages.isPending) return <Skeleton />;
  return (
    <Panel
      words="Every browser that is signed in as you. End what you do not know, then change the password."
      action={
        others.length > 0 && (
          <button type="button" className="button" onClick={() => end(others)}>
            End all others
          </button>
        )
      }
    >
      <Table
        name="sessions"
        label="Sessions"
        rows={rows}
        rowId={(session) => session.id}
        columns={sessionColumns((session) => end([session]))}
        empty={<EmptyState title="No sessions">You came by a token, which has none.</EmptyState>}
      />
    </Panel>
  );
}

function sessionColumns(onEnd: (session: Session) => void): Column<Session>[] {
  return [
    {
      id: "browser",
      title: "Browser",
      width: 260,
      fixed: "first",
      text: (session) => session.userAgent,
      cell: (session) => (
        <span title={session.userAgent}>
          <span className="font-medium">{browserName(session.userAgent)}</span>
          {session.current && (
            <span className="ml-2 rounded bg-accent-soft px-1.5 text-accent text-xs">this one</span>
          )}
        </span>
      ),
    },
    {
      id: "used",
      title: "Last used",
      width: 120,
      usual: "shown",
      text: (session) => formatTime(session.lastUsedMs),
      cell: (session) => <Ago at={session.lastUsedMs} />,
    },
    {
      id: "end",
      title: "",
      width: 80,
      usual: "shown",
      text: () => "",
      cell: (session) =>
        session.current ? null : (
          <button
            type="button"
            className="link"
            aria-label={`End the session of ${browserName(session.userAgent)}`}
            onClick={() => onEnd(session)}
          >
            End
          </button>
        ),
    },
    {
      id: "ip",
      title: "From",
      width: 150,
      usual: "shown",
      text: (session) => session.ip,
      cell: (session) => <code>{session.ip}</code>,
    },
    {
      id: "began",
      title: "Began",
      width: 120,
      usual: "shown",
      text: (session) => formatTime(session.createdMs),
      cell: (session) => <Ago at={session.createdMs} />,
    },
    {
      id: "expires",
      title: "Ends by itself",
      width: 130,
      usual: "shown",
      text: (session) => formatTime(session.expiresMs),
      cell: (session) => <Ago at={session.expiresMs} />,
    },
  ];
}
