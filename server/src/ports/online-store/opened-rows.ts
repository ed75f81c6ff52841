import type { StoredValue } from "./online-store.ts";

const GENERATION_BYTES = 8 * 1024 * 1024; // Sealed; two generations opened take some 60 MB.

export interface OpenedRow {
  eventMs: number;
  createdMs: number;
  values: readonly StoredValue[];
}

/** Rows that were opened lately. */
export interface OpenedRows {
  /** The row at an address, when exactly these sealed bytes were opened there. */
  find(at: string, sealed: Buffer): OpenedRow | undefined;
  keep(at: string, sealed: Buffer, row: OpenedRow): void;
}

interface Kept {
  sealed: Buffer;
  row: OpenedRow;
}

/**
 * Few entities are asked for most of the time, and opening a row costs more than all the rest of reading it. What the
 * store holds decides: a row that another process has changed since has other bytes and is opened again. Rows that
 * nobody asked for while a generation filled are forgotten with the one before.
 */
export function createOpenedRows(generationBytes = GENERATION_BYTES): OpenedRows {
  let young = new Map<string, Kept>();
  let old = new Map<string, Kept>();
  let bytes = 0;
  return { find, keep: (at, sealed, row) => put(at, { sealed: Buffer.from(sealed), row }) };

  function find(at: string, sealed: Buffer): OpenedRow | undefined {
    const kept = young.get(at);
    if (kept !== undefined) return kept.sealed.equals(sealed) ? kept.row : undefined;
    const before = old.get(at);
    if (before === undefined || !before.sealed.equals(sealed)) return undefined;
    put(at, before);
    return before.row;
  }

  function put(at: string, kept: Kept): void {
    bytes += kept.sealed.length;
    if (bytes > generationBytes) {
      old = young;
      young = new Map();
      bytes = kept.sealed.length;
    }
    young.set(at, kept);
  }
}
