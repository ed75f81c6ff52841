import type { FastifyBaseLogger, FastifyRequest } from "fastify";
import { AppError } from "#lib/errors";
import type { Described, Serving } from "#modules/serving";

export interface OpenInferenceDeps {
  serving: Pick<Serving, "gateway">;
  /** Of this server, as `0.1.0`. */
  version: string;
  log: Pick<FastifyBaseLogger, "error">;
}

export interface Called {
  projectId: string;
  endpoint: string;
  version: number | undefined;
}

/** What the address names. @throws AppError `not_found` for a version that is no number */
export function callOf(request: FastifyRequest): Called {
  const { model = "", version } = request.params as { model?: string; version?: string };
  return callTo({ projectId: request.projectId, model, version });
}

/** @throws AppError `not_found` for a version that is no number */
export function callTo({
  projectId,
  model,
  version,
}: {
  projectId: string;
  model: string;
  version: string | undefined;
}): Called {
  if (version !== undefined && !/^[1-9]\d{0,14}$/.test(version))
    throw new AppError("not_found", `Model ${model.slice(0, 100)} has no version ${version.slice(0, 40)}.`);
  return {
    projectId,
    endpoint: model,
    version: version === undefined ? undefined : Number(version),
  };
}

/** @throws AppError `not_found` */
export function describe(
  serving: Pick<Serving, "gateway">,
  { projectId, endpoint, version }: Called,
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
