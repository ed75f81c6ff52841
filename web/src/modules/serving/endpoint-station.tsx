import { RadioTower } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import { ListStation } from "../../lib/station.tsx";
import { useEndpoints } from "./serving-api.ts";

/** Endpoints on home's flow: how many, which changed last, and which do not answer as they should. */
export function EndpointStation({ project }: { project: string }) {
  const list = useEndpoints(project);
  return (
    <ListStation
      title="Endpoints"
      icon={RadioTower}
      to={paths.endpoints(project)}
      list={list}
      read={({ name, updatedMs, state }) => ({
        name,
        changedMs: updatedMs,
        to: paths.endpoint(project, name),
        state: state === "degraded" ? "troubled" : "well",
      })}
      trouble={{ one: "is degraded", many: "are degraded" }}
      empty="Deploy the first model"
    />
  );
}
