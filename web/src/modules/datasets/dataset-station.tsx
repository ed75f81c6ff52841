import { Database } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import { ListStation } from "../../lib/station.tsx";
import { useDatasets } from "./datasets-api.ts";

/** Datasets on home's flow: how many, which one changed last, and whether a newest version fails its checks. */
export function DatasetStation({ project }: { project: string }) {
  const list = useDatasets(project, { search: "" });
  return (
    <ListStation
      title="Datasets"
      icon={Database}
      to={paths.datasets(project)}
      list={list}
      read={({ name, updatedMs, latest }) => ({
        name,
        changedMs: updatedMs,
        to: paths.dataset(project, name),
        state: latest?.state === "failed" || (latest?.checks?.failed ?? 0) > 0 ? "troubled" : "well",
      })}
      trouble={{ one: "fails checks", many: "fail checks" }}
      empty="Upload the first one"
    />
  );
}
