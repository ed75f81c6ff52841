import type { Quota, QuotaResource } from "@atrium/contract/projects";
import type { ReactNode } from "react";
import { formatBytes, formatCount } from "./format.ts";

const TITLES: Record<QuotaResource, string> = {
  artifactBytes: "Artifacts",
  telemetryBytes: "Logs and metrics",
  experiments: "Experiments",
  runs: "Runs",
  models: "Models",
  secrets: "Secrets",
};
// From here on a limit deserves a second look.
const NEARLY_FULL = 0.9;

export function quotaTitle(resource: QuotaResource): string {
  return TITLES[resource];
}

/** How much of something is used, as a bar where there is a limit. */
export function QuotaLine({ quota, aside }: { quota: Quota; aside?: ReactNode }) {
  const write = quota.resource.endsWith("Bytes") ? formatBytes : formatCount;
  const share = quota.maximum === undefined ? undefined : quota.used / Math.max(1, quota.maximum);
  const full = share !== undefined && share >= NEARLY_FULL;
  return (
    <li className="flex h-8 items-center gap-3">
      <span className="w-32 shrink-0 truncate text-ink-2">{TITLES[quota.resource]}</span>
      <span className="h-1.5 min-w-8 flex-1" aria-hidden>
        {share !== undefined && (
          <span className="block h-full overflow-hidden rounded-full bg-hover">
            <span
              className={`block h-full ${full ? "bg-bad" : "bg-accent"}`}
              style={{ width: `${Math.min(100, share * 100)}%` }}
            />
          </span>
        )}
      </span>
      <span className={`nums whitespace-nowrap ${full ? "text-bad" : ""}`}>
        {write(quota.used)}
        {quota.maximum !== undefined && <span className="text-ink-3"> of {write(quota.maximum)}</span>}
      </span>
      {aside}
    </li>
  );
}
