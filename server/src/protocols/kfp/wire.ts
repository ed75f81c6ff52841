import { z } from "zod";
import { AppError } from "#lib/errors";

/**
 * What the client sends. Fields that only this server could set are left out by the client; a field that we do not know
 * is refused.
 * @remarks Wire format: backend/api/v2beta1/{run,pipeline,experiment}.proto, as JSON with the proto's own field names.
 */
const text = z.string().max(10_000);
const id = z.string().min(1).max(64);
const name = z.string().max(256);
const tags = z.record(z.string().min(1).max(63), z.string().max(63));

export const pageQuery = z.object({
  page_token: z.string().max(4000).optional(),
  page_size: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .optional(),
  sort_by: z.string().max(200).optional(),
  filter: z.string().max(20_000).optional(),
  namespace: z.string().max(256).optional(),
});
export const listRunsQuery = pageQuery.extend({ experiment_id: z.string().max(64).optional() });

export const createRunQuery = z.object({ experiment_id: z.string().max(64).optional() });
export const createRunBody = z.strictObject({
  experiment_id: z.string().max(64).optional(),
  display_name: name.min(1),
  description: text.optional(),
  pipeline_version_id: id.optional(),
  pipeline_version_reference: z
    .strictObject({ pipeline_id: id, pipeline_version_id: id.optional() })
    .optional(),
  pipeline_spec: z.record(z.string(), z.json()).optional(),
  runtime_config: z
    .strictObject({
      parameters: z.record(z.string().min(1).max(256), z.json()).optional(),
      pipeline_root: text.optional(),
    })
    .optional(),
  service_account: text.optional(),
});

export const createExperimentBody = z.strictObject({
  display_name: name.min(1),
  description: text.optional(),
  namespace: z.string().max(256).optional(),
});

export const createPipelineBody = z.strictObject({
  name: z.string().trim().max(128).optional(),
  display_name: z.string().trim().max(128).optional(),
  description: text.optional(),
  namespace: z.string().max(256).optional(),
  tags: tags.optional(),
});

const uploadQuery = {
  name: z.string().trim().max(128).optional(),
  display_name: z.string().trim().max(128).optional(),
  description: text.optional(),
  namespace: z.string().max(256).optional(),
  tags: z
    .string()
    .max(10_000)
    .transform((given, context) => {
      const parsed = tags.safeParse(jsonIn(given));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: "custom", message: "It is a JSON object of texts." });
      return z.NEVER;
    })
    .optional(),
  code_source_url: z.string().max(2000).optional(),
};
export const uploadPipelineQuery = z.object(uploadQuery);
export const uploadVersionQuery = z.object({ ...uploadQuery, pipelineid: id });

/** Checks what a request brought. @throws AppError `invalid` naming the field */
export function read<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = (issue?.path ?? []).join(".") || "body";
  throw new AppError("invalid", `Invalid input error: ${at}: ${issue?.message ?? "not understood"}`, { at });
}

/** This server's projects are chosen by the token or the address. @throws AppError `invalid` */
export function checkNamespace(namespace: string | undefined): void {
  if (namespace === undefined || namespace === "") return;
  throw new AppError(
    "invalid",
    `This server has no namespace '${namespace}'. A token belongs to a project; name another one in the host's path, as https://…/p/<project>.`,
    { at: "namespace" },
  );
}

function jsonIn(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}
