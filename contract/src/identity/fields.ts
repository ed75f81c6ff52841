import { z } from "zod";
import { PERMISSIONS } from "../permissions.ts";

const PASSWORD_CHARACTERS_MIN = 12; // Length is what makes a password slow to guess; nothing else is asked of it.
export const PASSWORD_CHARACTERS_MAX = 256; // A longer one only feeds the hash more work.

/** Text that every store can keep. */
export const text = (charactersMax: number) =>
  z
    .string()
    .max(charactersMax)
    .regex(/^[^\0]*$/, "Leave out the NUL character.");
export const id = text(100).min(1);
export const time = z.number().int();
export const name = text(120).trim().min(1);
export const description = text(1000);
export const email = z.email().max(254);
export const password = z.string().min(PASSWORD_CHARACTERS_MIN).max(PASSWORD_CHARACTERS_MAX);
export const page = {
  pageSize: z.coerce.number().int().min(1).max(500).default(100),
  pageToken: z.string().max(500).optional(),
};
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextToken: z.string().optional() });
export const done = z.object({});

export const permission = z.enum(PERMISSIONS);
export const principalState = z.enum(["active", "suspended"]);
