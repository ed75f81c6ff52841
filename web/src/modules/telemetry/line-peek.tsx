import type { LogLine } from "@atrium/contract/telemetry";
import { CodeBlock } from "../../lib/code.tsx";
import { formatTime } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { pageOf } from "../../lib/paths.ts";

/** One line whole; each label narrows the search, and the thing that wrote it is one click away. */
export function LinePeek({
  project,
  line,
  onLabel,
}: {
  project: string;
  line: LogLine;
  onLabel: (name: string, value: string) => void;
}) {
  const run = line.labels.run;
  const page = run ? pageOf(project, { type: "run", id: run }) : undefined;
  return (
    <div className="flex flex-col gap-4 p-4">
      <pre className="whitespace-pre-wrap break-words">{line.message}</pre>
      <Facts
        items={[
          ["When", formatTime(line.atMs)],
          ["Level", line.level],
          ...Object.entries(line.labels).map(
            ([name, value]) =>
              [
                name,
                <button
                  key={name}
                  type="button"
                  className="link break-all text-left"
                  title="Show only these"
                  onClick={() => onLabel(name, value)}
                >
                  {value}
                </button>,
              ] as const,
          ),
        ]}
      />
      {page && (
        <Link to={page} className="button self-start">
          Open the run that wrote this
        </Link>
      )}
      {Object.keys(line.fields).length > 0 && (
        <section>
          <h2 className="mb-1">Fields</h2>
          <CodeBlock code={JSON.stringify(line.fields, null, 2)} label="fields" />
        </section>
      )}
    </div>
  );
}
