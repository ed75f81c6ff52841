import { Readable } from "node:stream";
import type { ServingDeps } from "./deps.ts";
import type { JournalName } from "./journal.ts";
import { addUp, bucketOf, type Latencies } from "./latency-scale.ts";
import * as logQueries from "./log-queries.ts";
import { type Columns, type PredictionRow, rowsToParquet } from "./prediction-rows.ts";
import * as queries from "./queries.ts";
import type { MinuteRow } from "./tables.ts";

const MINUTE_MS = 60_000;
const SEGMENT_BYTES_MAX = 256 * 1024 * 1024; // A journal is rolled at 8 MiB, packed; this only guards against a mistake.

/** Makes numbered, sealed segments of journals. */
export function createSegments({ db, segments }: Pick<ServingDeps, "db" | "segments">) {
  const known = new Map<string, Columns>();
  return { store };

  /** Stores the rows and counts them, once for each journal. An endpoint that is gone keeps nothing. */
  async function store(name: JournalName, rows: readonly PredictionRow[]): Promise<void> {
    const { endpointId, projectId } = name;
    if (await logQueries.hasJournal(db.reader, name.id)) return;
    const endpoint = await queries.endpointById(db.reader, endpointId);
    if (endpoint === undefined) return;
    const before = known.get(endpointId) ?? (await columnsBefore(endpointId));
    const { bytes, columns } = rowsToParquet(endpoint.name, rows, before);
    known.set(endpointId, { ...before, ...columns });
    const stored = await segments.put(projectId, Readable.from([bytes]), { sizeBytesMax: SEGMENT_BYTES_MAX });
    const times = rows.map((row) => row.at);
    await db.transaction(async (tx) => {
      // Locked, so that two processes do not give one number twice.
      const standing = await queries.endpointToChange(tx, endpointId);
      if (standing === undefined || (await logQueries.hasJournal(tx, name.id))) return;
      await logQueries.addSegment(tx, {
        endpoint_id: endpointId,
        number: (await logQueries.lastSegment(tx, endpointId)) + 1,
        project_id: projectId,
        journal: name.id,
        object_id: stored.id,
        digest: stored.digest,
        size_bytes: stored.sizeBytes,
        predictions: rows.length,
        from_ms: times.reduce((a, b) => Math.min(a, b)),
        to_ms: times.reduce((a, b) => Math.max(a, b)),
        columns: JSON.stringify(columns),
      });
      for (const minute of minutesOf(endpointId, rows)) await addMinute(minute);
      async function addMinute(minute: MinuteRow): Promise<void> {
        const old = await logQueries.minute(tx, minute);
        const sum = old === undefined ? minute : joined(old, minute);
        await logQueries.saveMinute(tx, sum);
      }
    });
  }

  async function columnsBefore(endpointId: string): Promise<Columns> {
    const [last] = await logQueries.newestSegments(db.reader, endpointId, { before: undefined, limit: 1 });
    return last === undefined ? {} : (JSON.parse(last.columns) as Columns);
  }
}

function minutesOf(endpointId: string, rows: readonly PredictionRow[]): MinuteRow[] {
  const groups = Map.groupBy(rows, (row) =>
    [Math.floor(row.at / MINUTE_MS) * MINUTE_MS, row.dep, row.by, row.cohort].join(" "),
  );
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const counts: number[] = [];
    for (const row of own) {
      const bucket = bucketOf(row.ms);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    return [
      {
        endpoint_id: endpointId,
        minute_ms: Math.floor(first.at / MINUTE_MS) * MINUTE_MS,
        deployment_id: first.dep,
        served_by: first.by,
        cohort: first.cohort,
        predictions: own.length,
        errors: own.filter((row) => row.status >= 500).length,
        latencies: JSON.stringify(addUp([counts])),
      },
    ];
  });
}

function joined(a: MinuteRow, b: MinuteRow): MinuteRow {
  const latencies = addUp([JSON.parse(a.latencies) as Latencies, JSON.parse(b.latencies) as Latencies]);
  return {
    ...a,
    predictions: a.predictions + b.predictions,
    errors: a.errors + b.errors,
    latencies: JSON.stringify(latencies),
  };
}
