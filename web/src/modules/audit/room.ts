import { FileClock } from "lucide-react";
import type { Room } from "../../lib/room.ts";

export const auditRoom: Room = {
  id: "audit",
  title: "Audit",
  group: "Run the place",
  icon: FileClock,
  path: "/audit",
  key: "u",
  needs: ["audit:read"],
  stale: { audit: ["/audit"] },
  screens: [{ path: "/audit", load: () => import("./audit.tsx").then((module) => module.AuditScreen) }],
};
