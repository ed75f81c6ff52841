import { z } from "zod";
import { endpoint } from "./http.ts";

export const operationsApi = {
  about: endpoint({
    method: "GET",
    path: "/about",
    permission: "signed-in",
    scope: "instance",
    summary: "What this server is: its version and what it keeps its data in.",
    answer: z.object({
      version: z.string(),
      database: z.enum(["sqlite", "postgres"]),
      roles: z.array(z.string()),
      startedMs: z.number().int(),
      encrypted: z.object({ database: z.boolean(), files: z.boolean(), listener: z.boolean() }),
    }),
  }),
  backup: endpoint({
    method: "POST",
    path: "/instance/backup",
    permission: "instance:write",
    scope: "instance",
    summary:
      "Writes a consistent copy of everything into a new folder on the server's machine, while it runs.",
    body: z.strictObject({
      /** An absolute path on the server's machine; it must not exist, or be empty. */
      target: z
        .string()
        .max(4096)
        .regex(/^\/[^\0]*$/, "Give an absolute path on the server's machine."),
    }),
    answer: z.object({
      target: z.string(),
      createdMs: z.number().int(),
      /** The key that opens it; it is not part of the backup. */
      keyId: z.string(),
      files: z.number().int(),
      bytes: z.number().int(),
    }),
    status: 201,
  }),
};
