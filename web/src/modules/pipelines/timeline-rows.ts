import type { PipelineStep } from "@atrium/contract/pipelines";

type Timed = Pick<PipelineStep, "path" | "parent" | "startedMs">;

/** Steps as lines: each under the box it is in, siblings in the order in which they began, those that have not last. */
export function timelineRows<Step extends Timed>(steps: readonly Step[]): { step: Step; depth: number }[] {
  const byParent = new Map<string, Step[]>();
  for (const step of steps) byParent.set(step.parent, [...(byParent.get(step.parent) ?? []), step]);
  const rows: { step: Step; depth: number }[] = [];
  const add = (parent: string, depth: number): void => {
    const siblings = byParent.get(parent) ?? [];
    // A second look at a parent would go round for ever, should a step name itself.
    byParent.delete(parent);
    for (const step of siblings.toSorted((a, b) => began(a) - began(b))) {
      rows.push({ step, depth });
      add(step.path, depth + 1);
    }
  };
  add("", 0);
  return rows;
}

function began(step: Timed): number {
  return step.startedMs ?? Number.MAX_SAFE_INTEGER;
}
