import { Cpu } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";

export const computeRoom: Room = {
  id: "compute",
  title: "Compute",
  group: "Run the place",
  icon: Cpu,
  path: "/p/$project/compute",
  key: "c",
  needs: ["job:read"],
  screens: [
    {
      path: "/p/$project/compute",
      load: () => import("./compute.tsx").then((module) => module.ComputeScreen),
    },
    {
      path: "/p/$project/compute/jobs/$job",
      load: () => import("./job.tsx").then((module) => module.JobScreen),
    },
  ],
  station: () => import("./compute-station.tsx").then((module) => module.ComputeStation),
  stationPlace: "beside",
  stale: { job: ["/jobs", "/compute", "/environments"] },
  commands: (project) => [
    { id: "jobs-running", title: "Show running jobs", to: `${paths.compute(project)}?state=running` },
    { id: "jobs-failed", title: "Show failed jobs", to: `${paths.compute(project)}?state=failed` },
    {
      id: "environments",
      title: "Show Python environments",
      to: `${paths.compute(project)}?tab=environments`,
    },
  ],
  search: async (project, text, signal) => {
    const { findJobs } = await import("./find-jobs.ts");
    return findJobs(project, text, signal);
  },
};
