import { FlaskConical } from "lucide-react";
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
  ],
};
