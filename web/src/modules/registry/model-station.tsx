import { Box } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import { useCount } from "../../lib/quotas.ts";
import { ListStation } from "../../lib/station.tsx";
import { useModels } from "./registry-api.ts";

/** Models on home's flow: how many, and which one changed last. */
export function ModelStation({ project }: { project: string }) {
  const list = useModels(project, "");
  const count = useCount(project, "models");
  return (
    <ListStation
      title="Models"
      icon={Box}
      to={paths.models(project)}
      list={list}
      count={count}
      read={({ name, updatedMs }) => ({
        name,
        changedMs: updatedMs,
        to: paths.model(project, name),
        state: "well",
      })}
      empty="Register the first one"
    />
  );
}
