import { useEffect, useState } from "react";
import { useFresh } from "../../lib/fresh.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject } from "../../lib/session.tsx";
import { ErrorState } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { Elapsed } from "../../lib/words.tsx";
import { SERVER_READS, startServer, useServer } from "./notebooks-api.ts";

/** Starts the reader's server, shows how far it is, and goes on to JupyterLab the moment it answers. */
export function OpenJupyterScreen() {
  const project = useProject();
  const [{ path = "" }] = useUrl();
  const fresh = useFresh(SERVER_READS);
  const [asked, setAsked] = useState<"no" | "yes">("no");
  const [refused, setRefused] = useState<unknown>();
  const { data: server } = useServer(project, asked === "yes" ? "read" : "wait");
  useEffect(() => {
    if (asked === "yes" || refused) return;
    fresh(() => startServer({ project, body: {} })).then(() => setAsked("yes"), setRefused);
  }, [asked, refused, fresh, project]);
  const to = server?.state === "running" ? labAddress(server.url, path) : undefined;
  useEffect(() => {
    if (to) location.replace(to);
  }, [to]);
  if (refused) return <ErrorState heading="h1" error={refused} onRetry={() => setRefused(undefined)} />;
  const ended = asked === "yes" && (server?.state === "failed" || server?.state === "stopped");
  if (server && ended)
    return (
      <ErrorState
        heading="h1"
        error={new Error(server.reason ?? "JupyterLab has ended before it answered.")}
        onRetry={() => setAsked("no")}
      />
    );
  return (
    <div className="mx-auto flex w-full max-w-md flex-col items-center gap-4 px-4 pt-[18vh] text-center">
      <h1>{to ? "Opening JupyterLab" : "JupyterLab is starting"}</h1>
      <div className="h-1 w-56 overflow-hidden rounded-full bg-hover" aria-hidden>
        <span className="breathe block h-full w-full bg-running" />
      </div>
      <p role="status" className="min-h-10 text-ink-2">
        {server?.step || "Your server is asked for."}
      </p>
      {server && (
        <p className="text-ink-3">
          <Elapsed from={server.startedMs} to={undefined} /> so far; the first start of a project builds its
          environment, later ones take seconds.
        </p>
      )}
      <p className="flex gap-4">
        <Link to={paths.notebooks(project)} className="link">
          Back to the notebooks
        </Link>
        {server && (
          <Link to={`${paths.job(project, server.jobId)}?tab=log`} className="link">
            Its log
          </Link>
        )}
      </p>
    </div>
  );
}

/** The file's own address in JupyterLab; its file browser when none is meant. */
function labAddress(url: string, path: string): string {
  const base = url.replace(/\/(lab\/?)?$/, "");
  return path === "" ? url : `${base}/lab/tree/${path.split("/").map(encodeURIComponent).join("/")}`;
}
