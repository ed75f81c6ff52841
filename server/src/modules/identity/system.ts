import type { Actor } from "./actor.ts";

/** The server itself, when it lays the first stone or does what its operator set. */
export const SYSTEM: Actor = {
  kind: "system",
  id: "system",
  name: "Atrium",
  via: { kind: "process", id: "" },
  request: { id: "", ip: "", userAgent: "" },
};
