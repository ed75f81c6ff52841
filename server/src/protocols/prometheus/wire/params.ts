import type { FastifyRequest } from "fastify";
import { badData } from "../promql/fault.ts";
import { durationMs } from "../promql/tokens.ts";

const TIME_MAX_S = 9e12; // Beyond the year 280,000 neither they nor a date can follow.
const STEPS_MAX = 11_000; // Theirs: a minute's points of a week, or more than any chart is wide.
const DURATION = /^(?:\d+(?:ms|[smhdwy]))+$/;

/** Parameters of the address and, of a POST, of its form: some stand there several times. */
export type Params = URLSearchParams;

export function paramsOf({ url, body }: Pick<FastifyRequest, "url" | "body">): Params {
  const at = url.indexOf("?");
  const params = new URLSearchParams(at < 0 ? "" : url.slice(at + 1));
  if (body instanceof URLSearchParams) for (const [name, value] of body) params.append(name, value);
  return params;
}

export function required(params: Params, name: string): string {
  const value = params.get(name);
  if (value === null || value === "") throw badData(`invalid parameter "${name}": it is missing`);
  return value;
}

/** Seconds since 1970 UTC with a fraction, or RFC 3339. @throws PromError */
export function timeMs(params: Params, name: string, otherwise: number): number {
  const text = params.get(name);
  if (text === null || text === "") return otherwise;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && Math.abs(seconds) < TIME_MAX_S) return Math.round(seconds * 1000);
  const date = /^\d{4}-\d\d-\d\d[Tt]/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(date)) return date;
  throw badData(
    `invalid parameter "${name}": cannot parse ${JSON.stringify(text.slice(0, 50))} to a valid timestamp`,
  );
}

/** Seconds, or a duration such as `1m30s`. @throws PromError */
export function lengthMs(params: Params, name: string, otherwise: number | undefined): number {
  const text = params.get(name);
  if ((text === null || text === "") && otherwise !== undefined) return otherwise;
  const ms = DURATION.test(text ?? "") ? durationMs(text ?? "") : Math.round(Number(text || "?") * 1000);
  if (!Number.isSafeInteger(ms))
    throw badData(
      `invalid parameter "${name}": cannot parse ${JSON.stringify((text ?? "").slice(0, 50))} to a valid duration`,
    );
  return ms;
}

export interface Steps {
  startMs: number;
  endMs: number;
  stepMs: number;
}

/** @throws PromError */
export function stepsOf(params: Params): Steps {
  for (const name of ["start", "end", "step"]) required(params, name);
  const startMs = timeMs(params, "start", 0);
  const endMs = timeMs(params, "end", 0);
  const stepMs = lengthMs(params, "step", undefined);
  if (endMs < startMs) throw badData('invalid parameter "end": end timestamp must not be before start time');
  if (stepMs <= 0)
    throw badData(
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  if ((endMs - startMs) / stepMs > STEPS_MAX)
    throw badData(
      `exceeded maximum resolution of ${STEPS_MAX} points per timeseries. Try decreasing the query resolution (?step=XX)`,
    );
  return { startMs, endMs, stepMs };
}

/** How many things an answer may list; 0 and nothing mean as many as there are, up to ours. @throws PromError */
export function limitOf(params: Params, most: number): number {
  const text = params.get("limit");
  if (text === null || text === "") return most;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 0)
    throw badData('invalid parameter "limit": limit must be a whole number from 0 on');
  return limit === 0 ? most : Math.min(limit, most);
}
