/*
 * How the prediction log lies below the data folder, for whoever copies or moves it:
 *
 *   predictions/journals/<project>.<endpoint>.<journal>.journal   what came lately; each file only grows, by whole sealed
 *       frames (`journal.ts`). A copy taken at any time is good up to its last whole frame. A journal is removed only after
 *       its segment stands, so copy journals BEFORE the database and segments: what is then in both becomes one segment
 *       once, by the journal's id, and nothing is in neither.
 *   predictions/segments/<project>/<two characters>/<object>      what is sealed; written beside in `tmp`, synced, renamed and
 *       its folder synced (`ports/blobs/disk.ts`), and never changed afterwards. The rows of `serving_segments` name them by
 *       `object_id`; `predictions/segments/tmp` holds only what was being written and need not be copied.
 */
import { Readable } from "node:stream";
import type { ServingDeps } from "./deps.ts";
import type { JournalName } from "./journal.ts";
import * as logQueries from "./log-queries.ts";
import { joined, minutesOf } from "./minutes.ts";
import { type Columns, type PredictionRow, rowsToParquet } from "./prediction-rows.ts";
import * as queries from "./queries.ts";

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
      for (const minute of minutesOf(endpointId, rows)) {
        const old = await logQueries.minute(tx, minute);
        await logQueries.saveMinute(tx, old === undefined ? minute : joined(old, minute));
      }
    });
  }

  async function columnsBefore(endpointId: string): Promise<Columns> {
    const [last] = await logQueries.newestSegments(db.reader, endpointId, { before: undefined, limit: 1 });
    return last === undefined ? {} : (JSON.parse(last.columns) as Columns);
  }
}
