import { z } from "zod";

/** Text that every store can keep. */
export const text = (charactersMax: number) =>
  z
    .string()
    .max(charactersMax)
    .regex(/^[^\0]*$/, "Leave out the NUL character.");
export const id = text(100).min(1);
export const name = text(120).trim().min(1);
export const description = text(2000);
/** A column of a table; also a segment's value and other words that users choose. */
export const word = text(250).min(1);
export const time = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const timeAsked = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const page = {
  pageSize: z.coerce.number().int().min(1).max(500).default(100),
  pageToken: z.string().max(500).optional(),
};
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextToken: z.string().optional() });
export const done = z.object({});
