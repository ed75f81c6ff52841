import { formatCount, formatShare, plural } from "../../lib/format.ts";
import { useUrl } from "../../lib/url.ts";
import { SPANS, USUAL_SPAN } from "../telemetry/log-query.ts";
import type { RangedStats } from "./serving-api.ts";

/** Which time the charts show, and what happened in it altogether. */
export function SpanPicker({ ranged: { stats } }: { ranged: RangedStats }) {
  const [url, setUrl] = useUrl();
  const predictions = stats.total.reduce((sum, one) => sum + one.predictions, 0);
  const errors = stats.total.reduce((sum, one) => sum + one.errors, 0);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <select
        className="field !h-7 !w-auto"
        aria-label="Time"
        value={url.from ? "" : (url.span ?? USUAL_SPAN)}
        onChange={(event) => setUrl({ span: event.target.value, from: undefined, to: undefined })}
      >
        {url.from && <option value="">Chosen range</option>}
        {Object.entries(SPANS).map(([name, span]) => (
          <option key={name} value={name}>
            {span.title}
          </option>
        ))}
      </select>
      {url.from && (
        <button type="button" className="button" onClick={() => setUrl({ from: undefined, to: undefined })}>
          Show all of it
        </button>
      )}
      <p className="nums text-ink-2">
        {plural(predictions, "prediction")}
        {errors > 0 && (
          <span className="text-bad">
            , {formatCount(errors)} failed ({formatShare(errors / predictions)})
          </span>
        )}
      </p>
      {stats.notLogged > 0 && (
        <p className="text-warn" title="Since the server started; the log could not keep up.">
          {plural(stats.notLogged, "prediction")} could not be logged
        </p>
      )}
    </div>
  );
}
