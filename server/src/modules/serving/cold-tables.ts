import type { Cell } from "@atrium/contract/serving";

/** What the steps of a chain look up, by their place in it. */
export type ColdTables = ReadonlyMap<number, ColdTable>;

export type ColdTable =
  | { kind: "segment"; groups: ReadonlyMap<string, { value: number; count: number }>; overall: number | null }
  | { kind: "popularity"; items: readonly Cell[] };

/** One text for the values of a segment, whatever is in them. */
export function segmentKey(values: readonly unknown[]): string {
  return JSON.stringify(
    values.map((value) => (value === undefined || value === null ? null : String(value))),
  );
}

export function packTable(table: ColdTable): Buffer {
  const plain = table.kind === "segment" ? { ...table, groups: [...table.groups] } : table;
  return Buffer.from(JSON.stringify(plain));
}

export function unpackTable(bytes: Buffer): ColdTable {
  const plain = JSON.parse(bytes.toString("utf8")) as
    | { kind: "segment"; groups: [string, { value: number; count: number }][]; overall: number | null }
    | { kind: "popularity"; items: Cell[] };
  return plain.kind === "segment" ? { ...plain, groups: new Map(plain.groups) } : plain;
}
