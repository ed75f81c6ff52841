import { RadioTower } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";

const FOUND_MAX = 8;

export const servingRoom: Room = {
  id: "endpoints",
  title: "Endpoints",
  group: "Ship",
  icon: RadioTower,
  path: "/p/$project/endpoints",
  key: "e",
  needs: ["endpoint:read"],
  screens: [
    {
      path: "/p/$project/endpoints",
      load: () => import("./endpoints.tsx").then((module) => module.EndpointsScreen),
    },
    {
      path: "/p/$project/endpoints/$endpoint",
      load: () => import("./endpoint.tsx").then((module) => module.EndpointScreen),
    },
  ],
  station: () => import("./endpoint-station.tsx").then((module) => module.EndpointStation),
  stale: {
    endpoint: ["/endpoints", "/endpoint-stats", "/lineage"],
    prediction: [
      "/endpoint-stats",
      "/endpoints/:endpoint/stats",
      "/endpoints/:endpoint/predictions",
      "/endpoints/:endpoint/canary",
    ],
  },
  search: async (project, text, signal) => {
    const { listEndpoints } = await import("./serving-api.ts");
    const found = await listEndpoints({ project, query: { pageSize: 1000 } }, signal);
    return found.items
      .filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()))
      .slice(0, FOUND_MAX)
      .map(({ name }) => ({
        id: `endpoint-${name}`,
        title: name,
        hint: "endpoint",
        to: paths.endpoint(project, name),
      }));
  },
  commands: (project) => [
    { id: "deploy", title: "Deploy a model", to: `${paths.endpoints(project)}?over=deploy` },
  ],
};
