import { Box } from "lucide-react";
import type { Room } from "../../lib/room.ts";

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
  ],
};
