import { Layers } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";

const FOUND_MAX = 8;
const READS = ["/features", "/lineage"];

export const featureStoreRoom: Room = {
  id: "features",
  title: "Features",
  group: "Build",
  icon: Layers,
  path: "/p/$project/features",
  key: "f",
  needs: ["feature:read"],
  screens: [
    {
      path: "/p/$project/features",
      load: () => import("./features.tsx").then((module) => module.FeaturesScreen),
    },
    {
      path: "/p/$project/features/views/$name",
      load: () => import("./view.tsx").then((module) => module.ViewScreen),
    },
    {
      path: "/p/$project/features/services/$name",
      load: () => import("./service.tsx").then((module) => module.ServiceScreen),
    },
    {
      path: "/p/$project/features/training-sets/$name/$number",
      load: () => import("./training-set.tsx").then((module) => module.TrainingSetScreen),
    },
  ],
  station: () => import("./feature-station.tsx").then((module) => module.FeatureStation),
  stale: { feature: READS, "training-set": READS },
  search: async (project, text, signal) => {
    const { listServices, listViews } = await import("./features-api.ts");
    const input = { project, query: {} };
    const [views, services] = await Promise.all([listViews(input, signal), listServices(input, signal)]);
    const wanted = text.toLowerCase();
    const matches = ({ name }: { name: string }) => name.toLowerCase().includes(wanted);
    return [
      ...views.items.filter(matches).map(({ name }) => ({
        id: `feature-view-${name}`,
        title: name,
        hint: "feature view",
        to: paths.featureView(project, name),
      })),
      ...services.items.filter(matches).map(({ name }) => ({
        id: `feature-service-${name}`,
        title: name,
        hint: "feature service",
        to: paths.featureService(project, name),
      })),
    ].slice(0, FOUND_MAX);
  },
  commands: (project) => [
    { id: "training-sets", title: "Show training sets", to: `${paths.features(project)}?tab=training-sets` },
  ],
};
