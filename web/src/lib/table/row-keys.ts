import { type Shortcut, useShortcuts } from "../keys.ts";
import type { TableProps } from "./table.tsx";

/** Walks the rows by key, and opens or selects the one it stands on. `onRow` brings a row into view. */
export function useRowKeys<Row>(table: TableProps<Row>, onRow: (index: number) => void): void {
  const { rows, rowId, onActivate, onOpen, onSelect } = table;
  const activeIndex = rows.findIndex((row) => rowId(row) === table.active);
  const walk = (step: number) => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, activeIndex < 0 ? 0 : activeIndex + step))];
    if (!next) return;
    onActivate?.(next);
    onRow(rows.indexOf(next));
  };
  const shortcut = (keys: string, does: string, run: () => void): Shortcut => ({
    ...{ keys, does, run },
    where: "Tables",
  });
  const walks = [shortcut("j", "Next row", () => walk(1)), shortcut("k", "Row before", () => walk(-1))];
  const row = rows[activeIndex];
  const opens = row && onOpen ? [shortcut("Enter", "Open the whole page", () => onOpen(row))] : [];
  const selects = row && onSelect ? [shortcut("x", "Select the row", () => onSelect(rowId(row), "one"))] : [];
  useShortcuts(onActivate ? [...walks, ...opens, ...selects] : []);
}
