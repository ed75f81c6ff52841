import type { Quota } from "@atrium/contract/projects";
import { formatBytes, formatCount } from "../../lib/format.ts";
import { useQuotas } from "../../lib/quotas.ts";

const TITLES: Record<Quota["resource"], string> = {
  artifactBytes: "Artifacts",
  telemetryBytes: "Logs and metrics",
  experiments: "Experiments",
  runs: "Runs",
  models: "Models",
  members: "People",
  tokens: "Tokens",
  secrets: "Secrets",
};
// From here on a limit deserves a second look.
const NEARLY_FULL = 0.9;

/** What the project uses, and how far that is from its limits. */
export function Storage({ project }: { project: string }) {
  const { data } = useQuotas(project);
  if (!data) return null;
  return (
    <section className="card">
      <h2 className="border-line border-b px-3 py-2">Storage and limits</h2>
      <ul className="flex flex-col px-3 py-1">
        {data.items.map((quota) => (
          <Line key={quota.resource} quota={quota} />
        ))}
      </ul>
    </section>
  );
}

function Line({ quota }: { quota: Quota }) {
  const write = quota.resource.endsWith("Bytes") ? formatBytes : formatCount;
  const share = quota.maximum ? quota.used / quota.maximum : undefined;
  return (
    <li className="flex h-8 items-center gap-3">
      <span className="w-32 shrink-0 text-ink-2">{TITLES[quota.resource]}</span>
      <span className="h-1.5 flex-1 overflow-hidden rounded-full bg-hover" aria-hidden>
        {share !== undefined && (
          <span
            className={`block h-full ${share >= NEARLY_FULL ? "bg-bad" : "bg-accent"}`}
            style={{ width: `${Math.min(100, share * 100)}%` }}
          />
        )}
      </span>
      <span
        className={`nums whitespace-nowrap ${share !== undefined && share >= NEARLY_FULL ? "text-bad" : ""}`}
      >
        {write(quota.used)}
        <span className="text-ink-3">{quota.maximum === undefined ? "" : ` of ${write(quota.maximum)}`}</span>
      </span>
    </li>
  );
}
