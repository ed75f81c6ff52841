import { FlaskConical } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";
import { searchRuns } from "./runs-api.ts";

const FOUND_MAX = 8;

export const trackingRoom: Room = {
  id: "runs",
  title: "Runs",
  group: "Build",
  icon: FlaskConical,
  path: "/p/$project/runs",
  key: "r",
  needs: ["run:read"],
  screens: [
    { path: "/p/$project/runs", load: () => import("./runs.tsx").then((module) => module.RunsScreen) },
    { path: "/p/$project/runs/$run", load: () => import("./run.tsx").then((module) => module.RunScreen) },
    {
      path: "/p/$project/logged-models/$model",
      load: () => import("./logged-model.tsx").then((module) => module.LoggedModelScreen),
    },
    {
      path: "/p/$project/compare-runs",
      load: () => import("./compare.tsx").then((module) => module.CompareScreen),
    },
  ],
  station: () => import("./run-station.tsx").then((module) => module.RunStation),
  stale: {
    run: ["/runs", "/experiments", "/metric-buckets", "/logged-models", "/lineage", "/quotas"],
    experiment: ["/runs", "/experiments"],
    "logged-model": ["/logged-models", "/runs", "/lineage"],
    artifact: ["/artifacts", "/quotas"],
  },
  search: async (project, text, signal) => {
    const filter = `attributes.run_name ILIKE '%${text.replaceAll("'", "")}%'`;
    const found = await searchRuns({ project, query: { filter, pageSize: FOUND_MAX } }, signal);
    return found.items.map((run) => ({
      id: `run-${run.id}`,
      title: run.name,
      hint: `run in ${run.experimentName}`,
      to: paths.run(project, run.id),
    }));
  },
  commands: (project) => [
    {
      id: "runs-failed",
      title: "Show failed runs",
      to: `${paths.runs(project)}?filter=${encodeURIComponent("attributes.status = 'FAILED'")}`,
    },
    {
      id: "runs-running",
      title: "Show running runs",
      to: `${paths.runs(project)}?filter=${encodeURIComponent("attributes.status = 'RUNNING'")}`,
    },
  ],
};
