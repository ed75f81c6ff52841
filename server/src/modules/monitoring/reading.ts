import { createHash } from "node:crypto";
import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { OfflineTable } from "#ports/offline-engine";
import type { MonitoringDeps, Rows } from "./deps.ts";
import { isTime } from "./frame-queries.ts";
import { nameInReference, type Span, type WatchedColumn } from "./plan.ts";
import type { StoredSettings } from "./view.ts";

export type Source = StoredSettings["source"];
export type Reference = StoredSettings["reference"];

/** Rows and where their time and their key stand. */
export interface ReadRows extends Rows {
  time: string | undefined;
  key: string | undefined;
}

export type Reading = ReturnType<typeof createReading>;

/** Finds the rows that a monitor looks at, by the doors of those who keep them. */
export function createReading({ sources }: Pick<MonitoringDeps, "sources">) {
  return { window, labels, reference, pin };

  /** The rows of a span, and perhaps others: the caller names the span in its statement. */
  async function window(
    actor: Actor,
    at: { projectId: string; source: Source },
    span: Span,
  ): Promise<ReadRows> {
    const { projectId, source } = at;
    if (source.kind === "endpoint") {
      const rows = await sources.predictions(actor, rangeOf(projectId, source.endpoint, span));
      return { ...rows, time: "at_ms", key: "prediction_id" };
    }
    const rows = await sources.dataset(actor, { projectId, name: source.dataset });
    checkTime(rows, source);
    return { ...rows, time: source.timeColumn, key: undefined };
  }

  async function labels(
    actor: Actor,
    at: { projectId: string; source: Source },
    span: Span,
  ): Promise<Rows | undefined> {
    const { projectId, source } = at;
    if (source.kind !== "endpoint") return undefined;
    return sources.labels(actor, rangeOf(projectId, source.endpoint, span));
  }

  /** @throws AppError `not_found`, `conflict` when there are no rows to compare with */
  async function reference(
    actor: Actor,
    at: { projectId: string; source: Source; reference: Reference },
  ): Promise<ReadRows & { span: Span | undefined }> {
    const { projectId, reference: named } = at;
    if (named.kind === "window") {
      const span = { startMs: named.fromMs, endMs: named.toMs };
      return { ...(await window(actor, at, span)), span };
    }
    const rows =
      named.kind === "dataset"
        ? await sources.dataset(actor, { projectId, name: named.dataset, version: named.version })
        : await sources.trainingSet(actor, { projectId, name: named.trainingSet, number: named.number });
    return { ...rows, time: undefined, key: undefined, span: undefined };
  }

  /** The reference with the version that it has now, so that another version does not change what windows mean. */
  async function pin(
    actor: Actor,
    at: { projectId: string; source: Source; reference: Reference; columns: readonly WatchedColumn[] },
  ): Promise<Reference> {
    const { projectId, reference: named, columns } = at;
    if (named.kind === "window") return named;
    if (named.kind === "dataset") {
      const rows = await sources.dataset(actor, { projectId, name: named.dataset, version: named.version });
      checkColumns(rows, columns);
      return { ...named, version: rows.version };
    }
    const asked = { projectId, name: named.trainingSet, number: named.number };
    const rows = await sources.trainingSet(actor, asked);
    checkColumns(rows, columns);
    return { ...named, number: rows.number };
  }
}

/** Says which files a table is: the same text means the same rows. */
export function digestOfTable({ files }: OfflineTable): string {
  const hash = createHash("sha256");
  for (const { digest } of files) hash.update(`${digest}\n`);
  return hash.digest("hex");
}

function rangeOf(projectId: string, endpoint: string, { startMs, endMs }: Span) {
  return { projectId, endpoint, fromMs: startMs, toMs: endMs };
}

function checkColumns({ columns }: Rows, watched: readonly WatchedColumn[]): void {
  for (const [i, column] of watched.entries()) {
    const name = nameInReference(column);
    if (columns.some((one) => one.name === name)) continue;
    throw new AppError("invalid", `The reference has no column ${name}; name the one to compare with.`, {
      at: `body.columns.${i}.referenceColumn`,
    });
  }
}

function checkTime({ columns }: Rows, source: Extract<Source, { kind: "dataset" }>): void {
  const type = columns.find((column) => column.name === source.timeColumn)?.type;
  if (type !== undefined && isTime(type)) return;
  const found = type === undefined ? "has no such column" : `is ${type}`;
  throw new AppError(
    "invalid",
    `Column ${source.timeColumn} of dataset ${source.dataset} must hold times or milliseconds; it ${found}.`,
    { at: "body.source.timeColumn" },
  );
}
