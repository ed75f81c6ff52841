import type { Run } from "./door.ts";

const RUNS_MAX = 20_000;
const BYTES_MAX = 48 * 1024 * 1024; // About 10,000 runs of 30 values.

interface Kept {
  version: number;
  run: Run;
  bytes: number;
}

/** Runs as they were last put together, the longest unused given up first. */
export interface RunCache {
  /** The run if it still stands in this version and state. */
  get(id: string, version: number, lifecycle: Run["lifecycle"]): Run | undefined;
  put(run: Run, version: number): void;
}

export function createRunCache(): RunCache {
  const kept = new Map<string, Kept>(); // In the order of last use.
  let bytes = 0;

  function drop(id: string): void {
    bytes -= kept.get(id)?.bytes ?? 0;
    kept.delete(id);
  }

  return {
    get(id, version, lifecycle) {
      const found = kept.get(id);
      if (found === undefined || found.version !== version || found.run.lifecycle !== lifecycle)
        return undefined;
      kept.delete(id);
      kept.set(id, found);
      return found.run;
    },
    put(run, version) {
      const standing = kept.get(run.id);
      // Two reads may overtake each other: what was read of a later version stays.
      if (standing !== undefined && standing.version > version) return;
      drop(run.id);
      const size = sizeOf(run);
      kept.set(run.id, { version, run, bytes: size });
      bytes += size;
      while (bytes > BYTES_MAX || kept.size > RUNS_MAX) drop(kept.keys().next().value ?? "");
    },
  };
}

const OBJECT_BYTES = 120; // An object with a few fields and its place in an array, as V8 holds it.

function sizeOf(run: Run): number {
  let size = 600;
  for (const { key, value } of run.params) size += OBJECT_BYTES + key.length + value.length;
  for (const { key, value } of run.tags) size += OBJECT_BYTES + key.length + value.length;
  for (const { key } of run.metrics) size += OBJECT_BYTES + key.length;
  for (const { dataset, tags } of run.datasets) {
    size +=
      3 * OBJECT_BYTES +
      dataset.source.length +
      (dataset.schema?.length ?? 0) +
      (dataset.profile?.length ?? 0);
    size += tags.length * OBJECT_BYTES;
  }
  return size + (run.modelInputs.length + run.modelOutputs.length) * OBJECT_BYTES;
}
