/** What nesting needs to know of a run. */
export interface Nestable {
  id: string;
  parentId?: string | undefined;
}

export interface Nested<Row> {
  row: Row;
  depth: number;
  children: number;
}

/**
 * Children directly under their parents, each level in the order the list came in. A child whose parent is not in the list
 * stands at the top; a folded parent hides all that is below it; a circle is cut where it closes.
 */
export function nestRuns<Row extends Nestable>(
  rows: readonly Row[],
  folded: ReadonlySet<string>,
): Nested<Row>[] {
  const known = new Set(rows.map((row) => row.id));
  const below = new Map<string, Row[]>();
  for (const row of rows) {
    const parent = row.parentId && known.has(row.parentId) && row.parentId !== row.id ? row.parentId : "";
    const siblings = below.get(parent);
    if (siblings) siblings.push(row);
    else below.set(parent, [row]);
  }
  const placed: Nested<Row>[] = [];
  const seen = new Set<string>();
  const place = (row: Row, depth: number) => {
    if (seen.has(row.id)) return;
    seen.add(row.id);
    const children = below.get(row.id) ?? [];
    placed.push({ row, depth, children: children.length });
    if (!folded.has(row.id)) for (const child of children) place(child, depth + 1);
    else hide(children);
  };
  const hide = (children: readonly Row[]) => {
    for (const child of children) {
      if (seen.has(child.id)) continue;
      seen.add(child.id);
      hide(below.get(child.id) ?? []);
    }
  };
  for (const row of below.get("") ?? []) place(row, 0);
  for (const row of rows) place(row, 0);
  return placed;
}
