import { ArrowDownToLine } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { CopyButton } from "../../lib/copy.tsx";
import { EmptyState } from "../../lib/states.tsx";
import { useJobLog } from "./job-log.ts";

// Nearer to the end than a line or two counts as at the end: then new lines pull the view along.
const AT_END_PX = 40;

/** What a job printed, as a terminal shows it: new lines pull the view along until somebody scrolls up. */
export function JobLogView({
  project,
  job,
  attempt,
}: {
  project: string;
  job: string;
  attempt?: number | undefined;
}) {
  const log = useJobLog(project, job, attempt);
  const place = useRef<HTMLPreElement>(null);
  const [follows, setFollows] = useState<"end" | "place">("end");
  useEffect(() => {
    const element = place.current;
    if (element && log.text && follows === "end") element.scrollTop = element.scrollHeight;
  }, [log.text, follows]);
  if (log.text === "" && log.state === "complete")
    return log.error ? (
      <EmptyState title="The log cannot be read">{log.error.message}</EmptyState>
    ) : (
      <EmptyState title="It printed nothing">The job has ended without a word.</EmptyState>
    );
  return (
    <div className="flex min-h-48 flex-1 flex-col">
      <div className="flex shrink-0 items-center gap-3 px-4 py-1.5 text-ink-3 text-xs">
        <LogState state={log.error ? "trying again" : log.state} />
        {log.cut && <span>The beginning is left out; the command line shows all of it.</span>}
        <span className="ml-auto flex items-center gap-2">
          {follows === "place" && (
            <button type="button" className="button" onClick={() => setFollows("end")}>
              <ArrowDownToLine size={14} /> To the end
            </button>
          )}
          <CopyButton text={log.text} what="log" />
        </span>
      </div>
      <pre
        ref={place}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
        role="log"
        aria-label="What the job printed"
        className="min-h-0 flex-1 overflow-auto whitespace-pre-wrap break-words border-line border-t bg-sunken px-4 py-2"
        onScroll={({ currentTarget: at }) =>
          setFollows(at.scrollHeight - at.scrollTop - at.clientHeight < AT_END_PX ? "end" : "place")
        }
      >
        {log.text || "Waiting for the first line…"}
      </pre>
    </div>
  );
}

function LogState({ state }: { state: "loading" | "following" | "complete" | "trying again" }) {
  if (state === "complete") return <span>Complete</span>;
  return (
    <span className="flex items-center gap-1.5 text-running">
      <span className="breathe size-2 rounded-full bg-running" aria-hidden />
      {state === "following" ? "Following" : state === "loading" ? "Loading" : "Trying again"}
    </span>
  );
}
