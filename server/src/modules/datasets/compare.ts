import type { ColumnProfile, DatasetComparison, DatasetProfile } from "@atrium/contract/datasets";

/** Two versions, column by column: in the order of the newer one, then what it no longer has. */
export function compareProfiles(
  from: { version: number; profile: DatasetProfile },
  to: { version: number; profile: DatasetProfile },
): DatasetComparison {
  const before = new Map(from.profile.columns.map((column) => [column.name, column]));
  const after = new Set(to.profile.columns.map(({ name }) => name));
  const kept = to.profile.columns.map((column) =>
    compareColumn(column.name, before.get(column.name), column),
  );
  const removed = from.profile.columns
    .filter(({ name }) => !after.has(name))
    .map((column) => compareColumn(column.name, column, undefined));
  return {
    from: { version: from.version, rowCount: from.profile.rowCount },
    to: { version: to.version, rowCount: to.profile.rowCount },
    columns: [...kept, ...removed],
  };
}

function compareColumn(
  name: string,
  from: ColumnProfile | undefined,
  to: ColumnProfile | undefined,
): DatasetComparison["columns"][number] {
  if (from === undefined) return { name, change: "added", to };
  if (to === undefined) return { name, change: "removed", from };
  // Whoever compares looks for other types and newly missing values; that numbers move is what profiles show.
  const same = from.type === to.type && from.nulls > 0 === to.nulls > 0;
  return { name, change: same ? "same" : "changed", from, to };
}
