import { Database } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";

const FOUND_MAX = 8;
const READS = ["/datasets", "/lineage"];

export const datasetsRoom: Room = {
  id: "datasets",
  title: "Datasets",
  group: "Build",
  icon: Database,
  path: "/p/$project/datasets",
  key: "d",
  needs: ["dataset:read"],
  screens: [
    {
      path: "/p/$project/datasets",
      load: () => import("./datasets.tsx").then((module) => module.DatasetsScreen),
    },
    {
      path: "/p/$project/datasets/$dataset",
      load: () => import("./dataset.tsx").then((module) => module.DatasetScreen),
    },
    {
      path: "/p/$project/datasets/$dataset/compare",
      load: () => import("./compare.tsx").then((module) => module.DatasetCompareScreen),
    },
    {
      path: "/p/$project/datasets/$dataset/versions/$version",
      load: () => import("./version.tsx").then((module) => module.DatasetVersionScreen),
    },
  ],
  station: () => import("./dataset-station.tsx").then((module) => module.DatasetStation),
  stale: { dataset: READS },
  search: async (project, text, signal) => {
    const { listDatasets } = await import("./datasets-api.ts");
    const found = await listDatasets({ project, query: { search: text, pageSize: FOUND_MAX } }, signal);
    return found.items.map(({ name }) => ({
      id: `dataset-${name}`,
      title: name,
      hint: "dataset",
      to: paths.dataset(project, name),
    }));
  },
  commands: (project) => [
    {
      id: "datasets-certified",
      title: "Show certified datasets",
      to: `${paths.datasets(project)}?certified=true`,
    },
  ],
};
