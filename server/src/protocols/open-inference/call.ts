import type { FastifyRequest } from "fastify";
import { AppError } from "#lib/errors";
import type { Described, Serving } from "#modules/serving";

export interface OpenInferenceDeps {
  serving: Pick<Serving, "gateway">;
  /** Of this server, as `0.1.0`. */
  version: string;
}

/** What the address names. @throws AppError `not_found` for a version that is no number */
export function callOf(request: FastifyRequest): {
  projectId: string;
  endpoint: string;
  version: number | undefined;
} {
  const { model = "", version } = request.params as { model?: string; version?: string };
  if (version !== undefined && !/^[1-9]\d{0,14}$/.test(version))
    throw new AppError("not_found", `Model ${model.slice(0, 100)} has no version ${version.slice(0, 40)}.`);
  return {
    projectId: request.projectId,
    endpoint: model,
    version: version === undefined ? undefined : Number(version),
  };
}

/** @throws AppError `not_found` */
export function describe(
  serving: Pick<Serving, "gateway">,
  { projectId, endpoint, version }: ReturnType<typeof callOf>,
): Described {
  const found = serving.gateway.describe(projectId, endpoint);
  const known = version === undefined || found?.versions.some((one) => one.version === version);
  if (found === undefined || !known)
    throw new AppError(
      "not_found",
      `There is no model ${endpoint.slice(0, 100)}${version === undefined ? "" : ` of version ${version}`}.`,
    );
  return found;
}
