import { FlaskConical } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";

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
      path: "/p/$project/compare-runs",
      load: () => import("./compare.tsx").then((module) => module.CompareScreen),
    },
  ],
  station: () => import("./run-station.tsx").then((module) => module.RunStation),
  stale: {
    run: ["/runs", "/experiments", "/quotas"],
    experiment: ["/runs", "/experiments"],
    artifact: ["/artifacts", "/quotas"],
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
