import { useState } from "react";

/** The rows that somebody has selected, as a table takes them: one at a time, or all from the last one through another. */
export function useSelection<Row>(rows: readonly Row[], rowId: (row: Row) => string) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  return {
    selected,
    onSelect: (id: string, how: "one" | "through") =>
      setSelected(selectedAfter(rows.map(rowId), selected, { id, how })),
    clear: () => setSelected(new Set()),
  };
}

/** The selection after a click: one row more or less, or all rows from the last selected one through this. */
function selectedAfter(
  ids: readonly string[],
  selected: ReadonlySet<string>,
  click: { id: string; how: "one" | "through" },
): ReadonlySet<string> {
  if (click.how === "one" || selected.size === 0) return toggled(selected, click.id);
  const last = [...selected].at(-1) ?? click.id;
  const [from, to] = [ids.indexOf(last), ids.indexOf(click.id)].sort((a, b) => a - b);
  return new Set([...selected, ...ids.slice(Math.max(0, from ?? 0), (to ?? 0) + 1)]);
}

/** A set with one word more, or without it when it was there. */
export function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
