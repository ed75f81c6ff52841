import type { DatasetVersion } from "@atrium/contract/datasets";
import { BadgeCheck, CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { plural } from "../../lib/format.ts";
import { Status } from "../../lib/words.tsx";

/** Somebody vouches for it. */
export function Certified({ words = "Certified" }: { words?: string }) {
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap rounded border border-line-strong px-1.5 font-medium text-good text-xs leading-[18px]">
      <BadgeCheck size={12} aria-hidden /> {words}
    </span>
  );
}

/** How the checks of a version ended, in as few words as tell it. */
export function ChecksSummary({
  checks,
  where = "page",
}: {
  checks: DatasetVersion["checks"];
  /** In a table on a phone there is room for the numbers alone. */
  where?: "page" | "table";
}) {
  const words = where === "table" ? "max-sm:sr-only" : "";
  if (!checks) return <span className="text-ink-3">–</span>;
  const { passed, failed, warned } = checks;
  if (passed + failed + warned === 0) return <span className="text-ink-3">none</span>;
  return (
    <span className="nums inline-flex items-center gap-3 whitespace-nowrap max-sm:gap-2">
      {failed > 0 && (
        <span className="inline-flex items-center gap-1 text-bad" title={`${plural(failed, "check")} failed`}>
          <CircleAlert size={14} aria-hidden /> {failed} <span className={words}>failed</span>
        </span>
      )}
      {warned > 0 && (
        <span className="inline-flex items-center gap-1 text-warn" title={plural(warned, "warning")}>
          <TriangleAlert size={14} aria-hidden /> {warned} <span className={words}>warned</span>
        </span>
      )}
      <span className="inline-flex items-center gap-1 text-good" title={`${plural(passed, "check")} passed`}>
        <CircleCheck size={14} aria-hidden /> {passed} <span className={words}>passed</span>
      </span>
    </span>
  );
}

export function VersionState({ version }: { version: DatasetVersion }) {
  return (
    <Status status={version.state} {...(version.state === "pending" ? { word: "Being looked at" } : {})} />
  );
}
