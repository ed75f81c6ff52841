import { z } from "zod";

/** Part of an endpoint's address in every protocol, so it is short and needs no escaping. */
export const endpointName = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, "1 to 63 letters, digits, '.', '_' or '-'");
export const columnName = z.string().min(1).max(256);
export const time = z.number().int();
export const description = z.string().max(100_000);

/** What a value may be that travels with a prediction: a cell of a table. */
export const cell = z.union([z.string().max(65_536), z.number(), z.boolean(), z.null()]);
export type Cell = z.output<typeof cell>;

export const servingEngine = z.enum(["onnx", "pyfunc"]);
export type ServingEngine = z.output<typeof servingEngine>;

export const page = {
  pageSize: z.coerce.number().int().min(1).max(1000).default(100),
  pageToken: z.string().max(4000).optional(),
};
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextToken: z.string().optional() });
