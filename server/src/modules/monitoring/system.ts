import type { Actor } from "#modules/identity";

/** The server itself, when it computes windows and tells of incidents by itself. */
export const SYSTEM: Actor = {
  kind: "system",
  id: "system",
  name: "Atrium",
  via: { kind: "process", id: "" },
  request: { id: "", ip: "", userAgent: "" },
};
