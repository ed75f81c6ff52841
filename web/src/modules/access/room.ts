import { KeyRound } from "lucide-react";
import type { Room } from "../../lib/room.ts";

export const accessRoom: Room = {
  id: "access",
  title: "Access",
  group: "Run the place",
  icon: KeyRound,
  path: "/access",
  key: "a",
  needs: [],
  screens: [{ path: "/access", load: () => import("./access.tsx").then((module) => module.AccessScreen) }],
};
