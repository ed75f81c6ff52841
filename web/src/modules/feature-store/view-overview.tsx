import type { View } from "@atrium/contract/feature-store";
import { Description } from "../../lib/description.tsx";
import { formatDuration } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { Ago } from "../../lib/words.tsx";
import { Freshness } from "./freshness.tsx";

/** What a view is made of, what it gives, and how fresh that is. */
export function ViewOverview({ project, view }: { project: string; view: View }) {
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2 lg:items-start">
      <div className="flex min-w-0 flex-col gap-4">
        <FreshnessCard view={view} />
        <Definition project={project} view={view} />
        <Description text={view.description} />
      </div>
      <FeatureList view={view} />
    </div>
  );
}

export function FreshnessCard({ view }: { view: View }) {
  const { materializedToMs, newestEventMs, writtenMs } = view.freshness;
  return (
    <section className="card flex min-w-0 flex-col gap-3 p-3">
      <h2>Freshness</h2>
      <Freshness view={view} looks="wide" />
      <Facts
        items={[
          ["Complete up to", <Ago key="to" at={materializedToMs} />],
          ["Newest event", <Ago key="event" at={newestEventMs} />],
          ["Written", <Ago key="written" at={writtenMs} />],
        ]}
      />
    </section>
  );
}

export function Definition({ project, view }: { project: string; view: View }) {
  const { source, ttlSeconds } = view;
  return (
    <section className="card flex min-w-0 flex-col gap-3 p-3">
      <h2>Definition</h2>
      <Facts
        items={[
          [
            "Made of",
            <span key="source">
              <Link
                className="link underline"
                to={
                  source.version === undefined
                    ? paths.dataset(project, source.dataset)
                    : paths.datasetVersion(project, source.dataset, source.version)
                }
              >
                {source.dataset}
                {source.version === undefined ? "" : ` v${source.version}`}
              </Link>
              {source.version === undefined && ", its newest version at each use"}
            </span>,
          ],
          ["Time", <code key="time">{source.timestampColumn}</code>],
          ...(source.createdColumn
            ? [["Arrival", <code key="arrival">{source.createdColumn}</code>] as const]
            : []),
          ["Entities", view.entities.join(", ")],
          [
            "Keys",
            <code key="keys">{view.joinKeys.map(({ name, type }) => `${name}: ${type}`).join(", ")}</code>,
          ],
          ["Time to live", ttlSeconds === null ? "any age counts" : formatDuration(ttlSeconds * 1000)],
          ["Pushed as", <code key="push">{[view.name, view.pushSource].filter(Boolean).join(", ")}</code>],
          [
            "Defined",
            <span key="defined">
              <Ago at={view.createdMs} /> by {view.createdBy}
            </span>,
          ],
        ]}
      />
    </section>
  );
}

/** Every feature with what it is and what stands in for it; aggregations in words. */
export function FeatureList({ view }: { view: Pick<View, "allFeatures"> }) {
  return (
    <section className="card min-w-0">
      <h2 className="flex h-9 items-center gap-2 border-line border-b px-3">
        Features <span className="nums font-normal text-ink-3 text-xs">{view.allFeatures.length}</span>
      </h2>
      <ul>
        {view.allFeatures.map((feature) => (
          <li key={feature.name} className="border-line border-b px-3 py-1.5 last:border-0">
            <div className="flex items-baseline gap-2">
              <span className="min-w-0 flex-1 truncate font-medium" title={feature.name}>
                {feature.name}
              </span>
              <code className="text-ink-3">{feature.type}</code>
            </div>
            <p className="flex flex-wrap gap-x-3 text-ink-2 text-xs">
              {feature.aggregation && <span>{feature.aggregation}</span>}
              {feature.default !== undefined && (
                <span>
                  {JSON.stringify(feature.default)} <span className="text-ink-3">when there is none</span>
                </span>
              )}
              {feature.description && <span>{feature.description}</span>}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
