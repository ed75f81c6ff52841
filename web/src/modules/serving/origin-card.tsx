import type { PredictionOrigin } from "@atrium/contract/serving";
import { CopyableId } from "../../lib/copy.tsx";
import { versionWords } from "../../lib/lineage-layout.ts";
import { Link } from "../../lib/link.tsx";
import { pageOf, paths } from "../../lib/paths.ts";
import { useOrigin } from "./serving-api.ts";

const COMMIT_SHOWN = 8;
const ID_SHOWN_MAX = 40;

/** What a prediction came of, nearest first: the version, its run, its data, its code. */
export function OriginCard({ project, endpoint, id }: { project: string; endpoint: string; id: string }) {
  const { data: origin } = useOrigin(project, endpoint, id);
  if (!origin) return null;
  return (
    <section className="card min-w-0" aria-label="Origin">
      <header className="flex h-9 items-center border-line border-b px-3">
        <h2>What it came of</h2>
        <Link
          className="link ml-auto text-xs"
          to={`${paths.modelVersion(project, origin.model.name, origin.model.version)}?tab=lineage`}
        >
          as a graph
        </Link>
      </header>
      <ul className="flex flex-col gap-1 p-3">
        {origin.things.map((thing) => (
          <Thing
            key={`${thing.type}/${thing.id}/${thing.version ?? ""}`}
            project={project}
            thing={thing}
            name={origin.sources.find(({ runId }) => thing.type === "run" && runId === thing.id)?.runName}
          />
        ))}
        {origin.sources.map((source) => (
          <Source key={source.runId} project={project} source={source} />
        ))}
      </ul>
      {origin.more && <p className="px-3 pb-3 text-ink-3 text-xs">More lies behind; the graph goes on.</p>}
    </section>
  );
}

function Thing({
  project,
  thing,
  name = thing.id.slice(0, ID_SHOWN_MAX),
}: {
  project: string;
  thing: PredictionOrigin["things"][number];
  /** What people call it, where that is known. */
  name?: string | undefined;
}) {
  const to = pageOf(project, thing);
  const words = `${name}${versionWords(thing.version)}`;
  return (
    <li className="flex items-baseline gap-2" style={{ paddingLeft: thing.distance * 12 }}>
      <span className="shrink-0 text-ink-3">{thing.type.replaceAll("-", " ")}</span>
      {to ? (
        <Link className="link min-w-0 truncate" to={to}>
          {words}
        </Link>
      ) : (
        <span className="min-w-0 truncate">{words}</span>
      )}
    </li>
  );
}

function Source({ project, source }: { project: string; source: PredictionOrigin["sources"][number] }) {
  const { runId, runName, program, commit } = source;
  return (
    <li className="flex flex-wrap items-baseline gap-2">
      <span className="text-ink-3">code</span>
      {program && <code>{program}</code>}
      {commit && <CopyableId id={commit} length={COMMIT_SHOWN} />}
      <span className="text-ink-3">of</span>
      <Link className="link" to={paths.run(project, runId)}>
        {runName}
      </Link>
    </li>
  );
}
