import type { LineageThing, lineageApi } from "@atrium/contract/lineage";
import { useMemo } from "react";
import { operation, useApi } from "./api.ts";
import { keyOf, type LineageLayout, layOut, type PlacedThing, versionWords } from "./lineage-layout.ts";
import { Link } from "./link.tsx";
import { pageOf } from "./paths.ts";
import { EmptyState, ErrorState, Skeleton } from "./states.tsx";

const walk = operation<(typeof lineageApi)["walk"]>("GET /lineage");

const BOX = { width: 184, height: 44, gapX: 72, gapY: 16 };
const DEPTH = 6; // From the raw data to an endpoint's answer in the longest usual chain.

/** Everything a thing came from and everything that came of it, origins left, uses right. */
export function LineageGraph({
  project,
  thing,
  names = {},
}: {
  project: string;
  thing: LineageThing;
  /** Names of things by id, where the caller knows them. */
  names?: Record<string, string>;
}) {
  const { data, error, refetch } = useApi(walk, { project, query: { ...thing, depthMax: DEPTH } });
  const layout = useMemo(() => (data ? layOut(thing, data.edges) : undefined), [data, thing]);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!layout || !data) return <Skeleton />;
  if (data.edges.length === 0)
    return (
      <EmptyState title="Nothing is linked to it yet" drawing="flow">
        Datasets that a run logs as inputs, models it logs and versions registered from them appear here.
      </EmptyState>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide graph scrolls, so the keyboard must reach it.
    <div className="min-h-0 flex-1 overflow-auto p-4" tabIndex={0} role="group" aria-label="Lineage graph">
      {data.more && (
        <p className="mb-3 text-ink-2">The graph goes on; open a thing at its edge to see further.</p>
      )}
      <Picture project={project} layout={layout} self={keyOf(thing)} names={names} />
      <ul className="sr-only">
        {data.edges.map((edge) => (
          <li key={`${keyOf(edge.from)} ${edge.relation} ${keyOf(edge.to)}`}>
            {words(edge.from, names)} {edge.relation} {words(edge.to, names)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Picture({
  project,
  layout,
  self,
  names,
}: {
  project: string;
  layout: LineageLayout;
  self: string;
  names: Record<string, string>;
}) {
  const width = layout.columns * (BOX.width + BOX.gapX) - BOX.gapX;
  const height = layout.rows * (BOX.height + BOX.gapY) - BOX.gapY;
  const byKey = new Map(layout.things.map((placed) => [placed.key, placed]));
  return (
    <div className="relative" style={{ width, height }}>
      <svg width={width} height={height} className="absolute inset-0 text-line-strong" aria-hidden="true">
        {layout.arrows.map(({ from, to }) => {
          const [start, end] = [byKey.get(from), byKey.get(to)];
          if (!start || !end) return null;
          return <path key={`${from} ${to}`} d={arrowPath(start, end)} fill="none" stroke="currentColor" />;
        })}
      </svg>
      {layout.things.map((placed) => {
        const { thing } = placed;
        const to = pageOf(project, thing);
        const isSelf = placed.key === self;
        const place = { left: leftOf(placed), top: topOf(placed), width: BOX.width, height: BOX.height };
        const inside = (
          <>
            <span className="text-ink-3 text-xs">{thing.type.replace("-", " ")}</span>
            <span className="truncate font-medium">{nameOf(thing, names)}</span>
          </>
        );
        const looks = `card absolute flex flex-col justify-center px-3 ${isSelf ? "border-accent bg-accent-soft" : ""}`;
        return to && !isSelf ? (
          <Link
            key={placed.key}
            to={to}
            className={`${looks} hover:bg-hover`}
            style={place}
            title={words(thing, names)}
          >
            {inside}
          </Link>
        ) : (
          <div
            key={placed.key}
            className={looks}
            style={place}
            title={words(thing, names)}
            aria-current={isSelf ? "true" : undefined}
          >
            {inside}
          </div>
        );
      })}
    </div>
  );
}

function leftOf(placed: PlacedThing): number {
  return placed.column * (BOX.width + BOX.gapX);
}

function topOf(placed: PlacedThing): number {
  return placed.row * (BOX.height + BOX.gapY);
}

function arrowPath(start: PlacedThing, end: PlacedThing): string {
  const [x1, y1] = [leftOf(start) + BOX.width, topOf(start) + BOX.height / 2];
  const [x2, y2] = [leftOf(end), topOf(end) + BOX.height / 2];
  const bend = Math.max(24, (x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}m-6 -4l6 4l-6 4`;
}

function nameOf(thing: LineageThing, names: Record<string, string>): string {
  return `${names[thing.id] ?? thing.id}${versionWords(thing.version)}`;
}

function words(thing: LineageThing, names: Record<string, string>): string {
  return `${thing.type.replace("-", " ")} ${nameOf(thing, names)}`;
}
