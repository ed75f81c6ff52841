import type { UrlState } from "../../lib/url.ts";
import { SPANS, USUAL_SPAN } from "./log-query.ts";

/** How far back one looks; says so when a range was chosen in a picture instead. */
export function SpanSelect({ url, onSpan }: { url: UrlState; onSpan: (span: string) => void }) {
  return (
    <select
      className="field !h-7 !w-auto"
      aria-label="Time"
      value={url.from ? "" : (url.span ?? USUAL_SPAN)}
      onChange={(event) => onSpan(event.target.value)}
    >
      {url.from && <option value="">Chosen range</option>}
      {Object.entries(SPANS).map(([name, span]) => (
        <option key={name} value={name}>
          {span.title}
        </option>
      ))}
    </select>
  );
}
