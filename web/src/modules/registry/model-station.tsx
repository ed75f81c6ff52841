import { Box } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import { useCount } from "../../lib/quotas.ts";
import { Station } from "../../lib/station.tsx";
import { Ago } from "../../lib/words.tsx";
import { useModels } from "./registry-api.ts";

/** Models on home's flow: how many, and which one changed last. */
export function ModelStation({ project }: { project: string }) {
  const { rows, isPending } = useModels(project, "");
  const counted = useCount(project, "models");
  const newest = [...rows].sort((a, b) => b.updatedMs - a.updatedMs)[0];
  return (
    <Station
      title="Models"
      icon={Box}
      to={paths.models(project)}
      count={isPending ? undefined : Math.max(counted ?? 0, rows.length)}
      newest={
        newest && (
          <>
            {newest.name}, <Ago at={newest.updatedMs} />
          </>
        )
      }
      empty={<>Register the first one</>}
    />
  );
}
