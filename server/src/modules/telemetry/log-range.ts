import { AppError } from "#lib/errors";
import type { TelemetryDeps } from "./deps.ts";
import type { LogFilterAsked, LogScope } from "./door.ts";
import { type LabelCondition, parseLabels, parseWords } from "./log-filter.ts";
import type { SpanConditions } from "./span-match.ts";
import type { LogKind } from "./tables.ts";

const USUAL_RANGE_MS = 3600 * 1000;

/** A checked question to the log, or to the spans that lie beside it. */
export interface LogQuestion {
  kind: LogKind;
  fromMs: number;
  toMs: number;
  labels: readonly LabelCondition[];
  words: readonly string[];
  /** Undefined means all, and the instance's own lines; none means that nothing can match. */
  projectIds: readonly string[] | undefined;
  /** What a span must also be; asked of spans only. */
  span?: SpanConditions;
}

/** @throws AppError `invalid` */
export async function questionOf(
  deps: Pick<TelemetryDeps, "projects" | "clock">,
  scope: LogScope,
  asked: LogFilterAsked,
): Promise<LogQuestion> {
  const toMs = asked.toMs ?? deps.clock.now() + 1;
  const fromMs = asked.fromMs ?? Math.max(0, toMs - USUAL_RANGE_MS);
  if (fromMs >= toMs)
    throw new AppError("invalid", `The time range ends (${toMs}) before it begins (${fromMs}).`, {
      at: "query.fromMs",
    });
  const conditions = parseLabels(asked.labels);
  return {
    kind: "log",
    fromMs,
    toMs,
    labels: conditions.filter(({ name }) => name !== "project"),
    words: parseWords(asked.text),
    projectIds: await projectsMeant(deps, scope, conditions),
  };
}

/** `project=<slug or id>` chooses rows, for the project is no label of a line but the place where it is kept. */
async function projectsMeant(
  { projects }: Pick<TelemetryDeps, "projects">,
  scope: LogScope,
  conditions: readonly LabelCondition[],
): Promise<readonly string[] | undefined> {
  let meant = scope.kind === "project" ? [scope.projectId] : undefined;
  for (const { name, values } of conditions) {
    if (name !== "project") continue;
    const refs = await Promise.all(values.map((value) => projects.resolve(value)));
    const ids = refs.flatMap((ref) => (ref === undefined ? [] : [ref.id]));
    meant = meant === undefined ? ids : meant.filter((id) => ids.includes(id));
  }
  return meant;
}
