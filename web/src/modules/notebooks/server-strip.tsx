import type { NotebookServer } from "@atrium/contract/notebooks";
import { CircleStop, ExternalLink } from "lucide-react";
import { useEffect } from "react";
import { formatDuration, plural } from "../../lib/format.ts";
import { useFresh } from "../../lib/fresh.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { Ago, useNow } from "../../lib/words.tsx";
import { isUp, SERVER_READS, stopServer, useServers } from "./notebooks-api.ts";
import { ServerStatus } from "./server-status.tsx";

// What kernels do comes with no news; a person who looks at their server sees it within this time.
const KERNELS_ASKED_MS = 5000;

/** The reader's own Jupyter server: how it stands, and the one click that opens it. */
export function ServerStrip({ project }: { project: string }) {
  const { person, can } = useSession();
  const { rows, isPending, refetch } = useServers(project);
  const fresh = useFresh(SERVER_READS);
  const mine = rows.find((server) => server.userId === person.id);
  const up = mine !== undefined && isUp(mine);
  useEffect(() => {
    if (!up) return;
    const timer = setInterval(() => void refetch(), KERNELS_ASKED_MS);
    return () => clearInterval(timer);
  }, [up, refetch]);
  if (isPending) return <div className="card mx-4 mb-3 h-12 shrink-0" aria-hidden />;
  return (
    <section
      aria-label="Your JupyterLab"
      className="card mx-4 mb-3 flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 px-3 py-2"
    >
      <h2>Your JupyterLab</h2>
      <Words server={mine} />
      <span className="ml-auto flex items-center gap-2">
        {up && can("job:read") && (
          <Link to={`${paths.job(project, mine.jobId)}?tab=log`} className="link">
            Log
          </Link>
        )}
        {up && (
          <button
            type="button"
            className="button button-danger"
            onClick={() => void fresh(() => stopServer({ project })).catch(() => undefined)}
          >
            <CircleStop size={14} /> Stop
          </button>
        )}
        {can("notebook:write") && (
          <a className="button" href={paths.openNotebook(project)} target="_blank" rel="noreferrer">
            <ExternalLink size={14} /> {up ? "Open" : "Start and open"}
          </a>
        )}
      </span>
    </section>
  );
}

function Words({ server }: { server: NotebookServer | undefined }) {
  const now = useNow();
  if (!server)
    return (
      <span className="text-ink-2">
        It starts when you open it, and stops by itself when nothing runs in it.
      </span>
    );
  const kernels =
    server.busyKernels > 0
      ? `${plural(server.kernels, "kernel")}, ${server.busyKernels} busy`
      : plural(server.kernels, "kernel");
  return (
    <>
      <ServerStatus server={server} />
      {server.state === "starting" && <span className="text-ink-2">{server.step}</span>}
      {server.state === "running" && (
        <span className="text-ink-2">
          {kernels}; active <Ago at={server.activeMs} />
          {server.stopsMs !== null && `, stops in ${formatDuration(Math.max(0, server.stopsMs - now))}`}
        </span>
      )}
      {!isUp(server) && server.reason && <span className="text-ink-2">{server.reason}</span>}
    </>
  );
}
