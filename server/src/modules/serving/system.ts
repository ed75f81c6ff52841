import type { Actor } from "#modules/identity";

/** The server itself, when it starts engines or goes on with what people began. */
export const SYSTEM: Actor = {
  kind: "system",
  id: "system",
  name: "Atrium",
  via: { kind: "process", id: "" },
  request: { id: "", ip: "", userAgent: "" },
};
