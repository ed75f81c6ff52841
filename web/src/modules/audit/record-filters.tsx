import { useEffect, useState } from "react";
import type { UrlState } from "../../lib/url.ts";
import { type AuditQuery, SPANS } from "./audit-api.ts";

// Typing may pause this long before the question is asked.
const TYPING_MS = 300;

/** Which records are seen: by any word, by what was done, how it ended, and when. */
export function RecordFilters({
  query,
  url,
  onChange,
}: {
  query: AuditQuery;
  url: UrlState;
  onChange: (change: UrlState) => void;
}) {
  const [text, setText] = useState(url.text ?? "");
  useEffect(() => {
    if (text === (url.text ?? "")) return;
    const timer = setTimeout(() => onChange({ text: text || undefined }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <search className="flex shrink-0 flex-wrap gap-2 px-4 pb-3">
      <input
        className="field !h-7 min-w-40 flex-1"
        type="search"
        aria-label="Find in all records"
        placeholder="A name, an id, any word"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <input
        className="field !h-7 max-w-44"
        aria-label="Action"
        placeholder="Action, such as run."
        defaultValue={query.action ?? ""}
        onKeyDown={(event) => {
          if (event.key === "Enter") onChange({ action: event.currentTarget.value || undefined });
        }}
        onBlur={(event) => {
          if (event.target.value !== (url.action ?? ""))
            onChange({ action: event.target.value || undefined });
        }}
      />
      <select
        className="field !h-7 !w-auto"
        aria-label="Outcome"
        value={url.outcome ?? ""}
        onChange={(event) => onChange({ outcome: event.target.value || undefined })}
      >
        <option value="">Any outcome</option>
        <option value="done">Done</option>
        <option value="denied">Denied</option>
        <option value="failed">Failed</option>
      </select>
      <select
        className="field !h-7 !w-auto"
        aria-label="Time"
        value={url.span ?? ""}
        onChange={(event) => onChange({ span: event.target.value || undefined })}
      >
        <option value="">Any time</option>
        {Object.entries(SPANS).map(([name, span]) => (
          <option key={name} value={name}>
            {span.title}
          </option>
        ))}
      </select>
    </search>
  );
}
