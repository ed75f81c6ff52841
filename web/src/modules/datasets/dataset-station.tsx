import { Database } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import { Station } from "../../lib/station.tsx";
import { Ago } from "../../lib/words.tsx";
import { useDatasets } from "./datasets-api.ts";

/** Datasets on home's flow: how many, which one changed last, and whether a newest version fails its checks. */
export function DatasetStation({ project }: { project: string }) {
  const { rows, isPending } = useDatasets(project, { search: "" });
  const newest = [...rows].sort((a, b) => b.updatedMs - a.updatedMs)[0];
  const failing = rows.filter(
    ({ latest }) => latest?.state === "failed" || (latest?.checks?.failed ?? 0) > 0,
  );
  const [first] = failing;
  return (
    <Station
      title="Datasets"
      icon={Database}
      to={paths.datasets(project)}
      count={isPending ? undefined : rows.length}
      newest={
        newest && (
          <>
            {newest.name}, <Ago at={newest.updatedMs} />
          </>
        )
      }
      trouble={
        first && {
          words: failing.length === 1 ? `${first.name} fails checks` : `${failing.length} fail checks`,
          to: failing.length === 1 ? paths.dataset(project, first.name) : paths.datasets(project),
        }
      }
      empty={<>Upload the first one</>}
    />
  );
}
