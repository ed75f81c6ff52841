import { z } from "zod";

/** Milliseconds since 1970 UTC. */
export const time = z.coerce.number().int().min(0);
/** `labels` in an address: `role=api,level=error`; all must match, `a|b` allows several values of one. */
export const labels = z.string().max(2000).default("");
