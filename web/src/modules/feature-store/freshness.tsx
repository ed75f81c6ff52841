import type { View } from "@atrium/contract/feature-store";
import { Clock, TriangleAlert } from "lucide-react";
import { formatDuration, formatTime } from "../../lib/format.ts";
import { useNow } from "../../lib/words.tsx";

const JUST_NOW_MS = 5000; // As everywhere else that tells an age.

type Shown = Pick<View, "freshness" | "ttlSeconds">;

/** How old a view's online values are, against how old they may be: the share of the time to live that is used up. */
export function Freshness({ view, looks = "line" }: { view: Shown; looks?: "line" | "wide" }) {
  const now = useNow();
  const { materializedToMs, newestEventMs, writtenMs } = view.freshness;
  const upTo = materializedToMs ?? newestEventMs;
  if (upTo === undefined) return <span className="text-ink-3">never brought online</span>;
  const ageMs = Math.max(0, now - upTo);
  const ttlMs = view.ttlSeconds === null ? undefined : view.ttlSeconds * 1000;
  const used = ttlMs === undefined ? undefined : ageMs / ttlMs;
  const isStale = used !== undefined && used > 1;
  const words = `Complete up to ${formatTime(upTo)}${writtenMs ? `, written ${formatTime(writtenMs)}` : ""}${ttlMs ? `; values may be ${formatDuration(ttlMs)} old` : "; values of any age count"}`;
  return (
    <span className={`flex min-w-0 items-center gap-2 ${looks === "wide" ? "flex-wrap" : ""}`} title={words}>
      {used !== undefined && (
        <span
          role="img"
          aria-label={`${Math.min(999, Math.round(used * 100))} % of the time to live used`}
          className={`relative h-2 shrink-0 overflow-hidden rounded-full bg-hover ${looks === "wide" ? "w-full" : "w-24 max-sm:w-8"}`}
        >
          <span
            className={`block h-full ${isStale ? "bg-bad" : used > 0.75 ? "bg-warn" : "bg-good"}`}
            style={{ width: `${Math.max(2, Math.min(100, used * 100))}%` }}
          />
        </span>
      )}
      <span className={`nums inline-flex items-center gap-1 whitespace-nowrap ${isStale ? "text-bad" : ""}`}>
        {isStale ? (
          <TriangleAlert size={14} aria-hidden />
        ) : (
          <Clock size={14} aria-hidden className="text-ink-3" />
        )}
        {ageMs < JUST_NOW_MS ? "just now" : `${formatDuration(ageMs)} old`}
        <span className={`${isStale ? "" : "text-ink-3"} ${looks === "line" ? "max-sm:sr-only" : ""}`}>
          {ttlMs === undefined ? " of any age" : ` of ${formatDuration(ttlMs)}`}
        </span>
        {isStale && <span className={looks === "line" ? "max-sm:sr-only" : ""}>– stale</span>}
      </span>
    </span>
  );
}

/** Whether online values are older than the view allows. */
export function isStaleAt(view: Shown, nowMs: number): boolean {
  const upTo = view.freshness.materializedToMs ?? view.freshness.newestEventMs;
  return view.ttlSeconds !== null && upTo !== undefined && nowMs - upTo > view.ttlSeconds * 1000;
}
