import { House } from "lucide-react";
import type { Room } from "../../lib/room.ts";

export const homeRoom: Room = {
  id: "home",
  title: "Home",
  group: "",
  icon: House,
  path: "/p/$project",
  key: "h",
  needs: [],
  // The sample's card stands here and in no room of its own.
  stale: { sample: ["/samples", "/endpoints"] },
  screens: [{ path: "/p/$project", load: () => import("./home.tsx").then((module) => module.HomeScreen) }],
};
