import type { Span } from "@atrium/contract/telemetry";

/**
 * Spans in the order of the tree, each once: behind its parent, siblings by their start. A span whose parent is not
 * there stands like a root, and so does one span of a circle, which only a broken sender makes.
 */
export function treeOf(spans: readonly Span[]): (Span & { depth: number })[] {
  const byId = new Map<string, Span>();
  for (const span of spans) if (!byId.has(span.spanId)) byId.set(span.spanId, span);
  const inOrder = [...byId.values()].sort((a, b) => a.startMs - b.startMs || (a.spanId < b.spanId ? -1 : 1));
  const children = Map.groupBy(inOrder, ({ parentSpanId }) => parentSpanId ?? "");
  const isRoot = ({ parentSpanId }: Span): boolean => parentSpanId === undefined || !byId.has(parentSpanId);
  const tree: (Span & { depth: number })[] = [];
  const placed = new Set<string>();
  for (const root of inOrder.filter(isRoot)) place(root);
  for (const left of inOrder) place(left);
  return tree;

  /** By hand and not by recursion: a trace may be thousands of spans deep. */
  function place(root: Span): void {
    const waiting = [{ span: root, depth: 0 }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { span, depth } = next;
      if (placed.has(span.spanId)) continue;
      placed.add(span.spanId);
      tree.push({ ...span, depth });
      for (const child of (children.get(span.spanId) ?? []).toReversed())
        waiting.push({ span: child, depth: depth + 1 });
    }
  }
}
