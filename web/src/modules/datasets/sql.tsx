import type { DatasetRows } from "@atrium/contract/datasets";
import { Play } from "lucide-react";
import { useState } from "react";
import { CopyAsCode } from "../../lib/code.tsx";
import { FormError, useSubmit } from "../../lib/form.tsx";
import { formatDuration, plural } from "../../lib/format.ts";
import { useUrl } from "../../lib/url.ts";
import { queryVersion, type VersionAt } from "./datasets-api.ts";
import { RowsTable } from "./rows-table.tsx";
import { sqlCode } from "./same-as-code.ts";

const FIRST_SQL = "SELECT * FROM data LIMIT 20";

/** Questions to a version in SQL. They only read; the statement stays in the address, so a link asks the same. */
export function SqlBox(at: VersionAt) {
  const [url, setUrl] = useUrl();
  const [sql, setSql] = useState(url.sql ?? FIRST_SQL);
  const [answer, setAnswer] = useState<{ rows: DatasetRows; tookMs: number } | undefined>();
  const { project, ...params } = at;
  const form = useSubmit(async () => {
    setAnswer(undefined);
    setUrl({ sql: sql === FIRST_SQL ? undefined : sql });
    const from = performance.now();
    const rows = await queryVersion({ project, params, body: { sql } });
    setAnswer({ rows, tookMs: performance.now() - from });
  });
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3 p-4">
      <form className="flex flex-col gap-2" onSubmit={form.onSubmit}>
        <label htmlFor="sql" className="text-ink-2">
          One SELECT over the table <code>data</code>, which is this version. It only reads; ⌘↵ runs it.
        </label>
        <textarea
          id="sql"
          className="field mono"
          rows={4}
          spellCheck={false}
          value={sql}
          onChange={(event) => setSql(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.metaKey || event.ctrlKey))
              event.currentTarget.form?.requestSubmit();
          }}
        />
        <div className="flex items-center gap-3">
          <button type="submit" className="button button-primary" disabled={form.busy || !sql.trim()}>
            <Play size={14} /> {form.busy ? "Running" : "Run"}
          </button>
          {answer && (
            <span className="nums text-ink-2" role="status">
              {plural(answer.rows.rows.length, "row")} in {formatDuration(answer.tookMs)}
            </span>
          )}
        </div>
        <FormError error={form.error} />
      </form>
      {answer && <RowsTable label="Answer" rows={answer.rows} />}
      <details className="shrink-0">
        <summary className="text-ink-2">The same as code</summary>
        <div className="pt-2">
          <CopyAsCode code={sqlCode(at, sql)} />
        </div>
      </details>
    </div>
  );
}
