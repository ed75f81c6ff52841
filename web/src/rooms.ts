import type { Room } from "./lib/room.ts";
import { accessRoom } from "./modules/access/room.ts";
import { auditRoom } from "./modules/audit/room.ts";
import { computeRoom } from "./modules/compute/room.ts";
import { datasetsRoom } from "./modules/datasets/room.ts";
import { featureStoreRoom } from "./modules/feature-store/room.ts";
import { homeRoom } from "./modules/home/room.ts";
import { monitoringRoom } from "./modules/monitoring/room.ts";
import { notebooksRoom } from "./modules/notebooks/room.ts";
import { pipelinesRoom } from "./modules/pipelines/room.ts";
import { registryRoom } from "./modules/registry/room.ts";
import { servingRoom } from "./modules/serving/room.ts";
import { settingsRoom } from "./modules/settings/room.ts";
import { telemetryRoom } from "./modules/telemetry/room.ts";
import { trackingRoom } from "./modules/tracking/room.ts";

/** Every room, in the order of the sidebar. A room that is not here does not exist for the shell. */
export const ROOMS: readonly Room[] = [
  homeRoom,
  notebooksRoom,
  datasetsRoom,
  featureStoreRoom,
  pipelinesRoom,
  trackingRoom,
  registryRoom,
  servingRoom,
  monitoringRoom,
  telemetryRoom,
  computeRoom,
  auditRoom,
  accessRoom,
  settingsRoom,
];
