import { RadioTower } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import { Station } from "../../lib/station.tsx";
import { Ago } from "../../lib/words.tsx";
import { useEndpoints } from "./serving-api.ts";

/** Endpoints on home's flow: how many, which changed last, and which do not answer as they should. */
export function EndpointStation({ project }: { project: string }) {
  const { rows, isPending } = useEndpoints(project);
  const newest = [...rows].sort((a, b) => b.updatedMs - a.updatedMs)[0];
  const degraded = rows.filter(({ state }) => state === "degraded");
  const [first] = degraded;
  return (
    <Station
      title="Endpoints"
      icon={RadioTower}
      to={paths.endpoints(project)}
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
          words: degraded.length === 1 ? `${first.name} is degraded` : `${degraded.length} are degraded`,
          to: degraded.length === 1 ? paths.endpoint(project, first.name) : paths.endpoints(project),
        }
      }
      empty={<>Deploy the first model</>}
    />
  );
}
