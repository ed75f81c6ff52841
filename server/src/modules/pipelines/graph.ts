import type { VersionStep } from "@atrium/contract/pipelines";
import { joined } from "./engine/draft.ts";
import type { Component, Plan, Task } from "./plan.ts";

// A graph within a graph may be used again and again, so that a small spec can stand for millions of boxes.
const BOXES_MAX = 5000;

/** The boxes of a plan, each behind the one it is in, as they are known before a run; at most `BOXES_MAX` of them. */
export function graphOf(plan: Plan): VersionStep[] {
  const boxes: VersionStep[] = [];
  const add = (component: Component | undefined, parent: string): void => {
    if (component?.body.kind !== "dag") return;
    const { tasks, order } = component.body;
    for (const task of order.flatMap((name) => tasks[name] ?? [])) {
      if (boxes.length === BOXES_MAX) return;
      const inner = plan.components[task.component];
      const path = joined(parent, task.name);
      boxes.push({
        path,
        name: task.displayName,
        kind: kindOf(task, inner),
        parent,
        after: task.after.map((name) => joined(parent, name)),
        ...(task.condition === undefined ? {} : { condition: task.condition.text }),
      });
      add(inner, path);
    }
  };
  add(plan.root, "");
  return boxes;
}

function kindOf(task: Task, component: Component | undefined): VersionStep["kind"] {
  if (task.loop !== undefined) return "loop";
  if (component?.body.kind === "dag") return "group";
  return component?.body.kind === "importer" ? "import" : "code";
}
