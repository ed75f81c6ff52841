import type { Actor } from "./actor.ts";

/** The server itself: when it lays the first stone, goes on with what people began, or keeps bytes for a module that let its caller in. */
export const SYSTEM: Actor = {
  kind: "system",
  id: "system",
  name: "Atrium",
  via: { kind: "process", id: "" },
  request: { id: "", ip: "", userAgent: "" },
};
