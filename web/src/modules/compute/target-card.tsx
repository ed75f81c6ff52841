import type { ComputeTarget } from "@atrium/contract/compute";
import { formatBytes, plural } from "../../lib/format.ts";

// Above so many cells each would be thinner than its gap; then a bar tells as much.
const CELLS_MAX = 64;
const MIB = 1024 * 1024;

/** The machine's room, drawn: a cell a core, a bar of memory, and how many wait for either. */
export function TargetCard({ target }: { target: ComputeTarget }) {
  const { cores, coresInUse, memoryMiB, memoryMiBInUse, queued, running } = target;
  return (
    <section
      aria-label={`Machine ${target.name}`}
      className="card mx-4 mb-3 grid shrink-0 gap-x-6 gap-y-3 p-3 md:grid-cols-3"
    >
      <Share
        title="Cores"
        words={`${coresInUse} of ${cores} taken`}
        share={coresInUse / Math.max(1, cores)}
        cells={cores <= CELLS_MAX ? cores : undefined}
      />
      <Share
        title="Memory"
        words={`${formatBytes(memoryMiBInUse * MIB)} of ${formatBytes(memoryMiB * MIB)} taken`}
        share={memoryMiBInUse / Math.max(1, memoryMiB)}
      />
      <div className="flex min-w-0 flex-col gap-1">
        <h2 className="font-medium text-ink-2 text-xs">Queue</h2>
        <p className="nums">
          <span className={running > 0 ? "text-running" : ""}>{plural(running, "job")} running</span>
          {", "}
          {queued} waiting
        </p>
        <p className="truncate text-ink-3 text-xs" title={target.name}>
          on {target.name}
        </p>
      </div>
    </section>
  );
}

function Share({
  title,
  words,
  share,
  cells,
}: {
  title: string;
  words: string;
  share: number;
  cells?: number | undefined;
}) {
  const filled = Math.min(1, share);
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <h2 className="font-medium text-ink-2 text-xs">{title}</h2>
      <p className="nums">{words}</p>
      {cells === undefined ? (
        <span className="block h-2 overflow-hidden rounded-full bg-hover" aria-hidden>
          <span className="block h-full bg-accent" style={{ width: `${filled * 100}%` }} />
        </span>
      ) : (
        <span className="flex h-2 gap-0.5" aria-hidden>
          {Array.from({ length: cells }, (_, at) => (
            <span
              key={at}
              className={`h-full flex-1 rounded-xs ${at < Math.round(filled * cells) ? "bg-accent" : "bg-hover"}`}
            />
          ))}
        </span>
      )}
    </div>
  );
}
