import { KeyRound } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";

export const accessRoom: Room = {
  id: "access",
  title: "Access",
  group: "Run the place",
  icon: KeyRound,
  path: "/access",
  key: "a",
  needs: [],
  commands: () => [
    { id: "access-tokens", title: "Make or revoke a token", to: paths.access() },
    { id: "access-people", title: "Invite a person", to: `${paths.access()}?tab=people` },
    { id: "access-grants", title: "Show who has what", to: `${paths.access()}?tab=grants` },
  ],
  screens: [{ path: "/access", load: () => import("./access.tsx").then((module) => module.AccessScreen) }],
};
