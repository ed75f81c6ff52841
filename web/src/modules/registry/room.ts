import { Box } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";

const FOUND_MAX = 8;

export const registryRoom: Room = {
  id: "models",
  title: "Models",
  group: "Ship",
  icon: Box,
  path: "/p/$project/models",
  key: "m",
  needs: ["model:read"],
  screens: [
    { path: "/p/$project/models", load: () => import("./models.tsx").then((module) => module.ModelsScreen) },
    {
      path: "/p/$project/models/$model",
      load: () => import("./model.tsx").then((module) => module.ModelScreen),
    },
    {
      path: "/p/$project/models/$model/compare",
      load: () => import("./version-compare.tsx").then((module) => module.VersionCompareScreen),
    },
    {
      path: "/p/$project/models/$model/versions/$version",
      load: () => import("./version.tsx").then((module) => module.VersionScreen),
    },
  ],
  station: () => import("./model-station.tsx").then((module) => module.ModelStation),
  stale: {
    model: ["/models", "/lineage", "/quotas"],
    "model-version": ["/models", "/lineage"],
    "model-webhook": ["/model-webhooks"],
    "model-webhook-delivery": ["/deliveries"],
    "registered-model": ["/models", "/lineage", "/quotas"],
  },
  search: async (project, text, signal) => {
    const { listModels } = await import("./registry-api.ts");
    const filter = `name ILIKE '%${text.replaceAll("'", "")}%'`;
    const found = await listModels({ project, query: { filter, pageSize: FOUND_MAX } }, signal);
    return found.items.map((model) => ({
      id: `model-${model.name}`,
      title: model.name,
      hint: "model",
      to: paths.model(project, model.name),
    }));
  },
};
