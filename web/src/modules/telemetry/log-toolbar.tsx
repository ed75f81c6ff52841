import { Radio, RefreshCw } from "lucide-react";
import { useEffect, useState } from "react";
import { useShortcuts } from "../../lib/keys.ts";
import { MoreMenu } from "../../lib/menu.tsx";
import { useSession } from "../../lib/session.tsx";
import { useUrl } from "../../lib/url.ts";
import { labelOf, USUAL_SPAN, withLabel } from "./log-query.ts";
import { SpanSelect } from "./span-select.tsx";
import type { LogView } from "./use-log-view.ts";

const LEVELS = ["debug", "info", "warn", "error"];

/** Chooses which lines are seen: by word, level, time and place, from the store or as they come. */
export function LogToolbar({ view, onCode }: { view: LogView; onCode: () => void }) {
  const { can } = useSession();
  const [url, setUrl] = useUrl();
  const { q, scope, live, lookAgain } = view;
  const search = (words: string) => setUrl({ q: words || undefined }, "push");
  const follow = () => setUrl({ live: live === "on" ? undefined : "1" });
  useShortcuts([{ keys: "t", does: "Follow new lines", where: "Logs", run: follow }]);
  return (
    <search className="flex shrink-0 flex-wrap gap-2 px-4 py-3">
      <QueryLine value={q} onApply={search} />
      <select
        className="field !h-7 !w-auto"
        aria-label="Level"
        value={labelOf(q, "level")}
        onChange={(event) => search(withLabel(q, "level", event.target.value || undefined))}
      >
        <option value="">Any level</option>
        {LEVELS.map((level) => (
          <option key={level}>{level}</option>
        ))}
      </select>
      <SpanSelect
        url={url}
        onSpan={(span) => {
          lookAgain();
          setUrl({ span: span === USUAL_SPAN ? undefined : span, from: undefined, to: undefined }, "push");
        }}
      />
      {can("instance:read") && (
        <select
          className="field !h-7 !w-auto"
          aria-label="Where"
          value={scope}
          onChange={(event) =>
            setUrl({ scope: event.target.value === "instance" ? "instance" : undefined }, "push")
          }
        >
          <option value="project">This project</option>
          <option value="instance">The whole server</option>
        </select>
      )}
      <button
        type="button"
        className="button button-icon"
        aria-label="Look again"
        disabled={live === "on"}
        onClick={lookAgain}
      >
        <RefreshCw size={14} />
      </button>
      <button
        type="button"
        aria-pressed={live === "on"}
        className={`button ${live === "on" ? "text-good" : ""}`}
        onClick={follow}
      >
        <Radio size={14} className={live === "on" ? "breathe" : ""} /> Follow
      </button>
      <MoreMenu items={[{ title: "Copy as code", run: onCode }]} />
    </search>
  );
}

function QueryLine({ value, onApply }: { value: string; onApply: (text: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useShortcuts([
    {
      keys: "/",
      does: "Search the logs",
      where: "Logs",
      run: () => document.getElementById("log-query")?.focus(),
    },
  ]);
  return (
    <form
      className="flex min-w-48 flex-1"
      onSubmit={(event) => {
        event.preventDefault();
        onApply(text.trim());
      }}
    >
      <input
        id="log-query"
        className="field mono !h-7"
        type="search"
        aria-label="Search the logs"
        placeholder='role=api "timed out"'
        value={text}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}
