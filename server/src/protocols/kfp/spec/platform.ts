import type { Code, Component, Plan } from "#modules/pipelines";
import { refuser } from "./refuse.ts";
import type { PipelineSpec, PlatformSpec } from "./schema.ts";

const DEADLINE = "activeDeadlineSeconds";
const SECOND_MS = 1000;

/**
 * Takes what a platform's document says of steps: a deadline is kept; what only a cluster has is refused, as a step
 * that counts on it would fail in the middle of a run. @throws AppError `invalid`
 */
export function applyPlatform(
  plan: Plan,
  { spec, platform }: { spec: PipelineSpec; platform: PlatformSpec },
): Plan {
  const timeouts = new Map<string, number>();
  for (const [name, { deploymentSpec, pipelineConfig }] of Object.entries(platform.platforms)) {
    const refuse = refuser(`platforms.${name}`);
    if (name !== "kubernetes") throw refuse("", "Only the platform kubernetes is known.");
    const [setting] = Object.keys(pipelineConfig);
    if (setting !== undefined) throw refuse(`pipelineConfig.${setting}`, "Runs here have no such setting.");
    for (const [label, settings] of Object.entries(deploymentSpec.executors)) {
      for (const [field, value] of Object.entries(settings)) {
        const place = `deploymentSpec.executors.${label}.${field}`;
        if (field !== DEADLINE)
          throw refuse(place, "Steps are processes here and have no pod to set this on.");
        const seconds = Number(value);
        if (!Number.isSafeInteger(seconds) || seconds <= 0) throw refuse(place, "It is a number of seconds.");
        timeouts.set(label, seconds * SECOND_MS);
      }
    }
  }
  return { ...plan, components: withTimeouts(plan, spec, timeouts) };
}

function withTimeouts(
  plan: Plan,
  spec: PipelineSpec,
  timeouts: ReadonlyMap<string, number>,
): Record<string, Component> {
  return Object.fromEntries(
    Object.entries(plan.components).map(([name, component]) => {
      const timeoutMs = timeouts.get(spec.components[name]?.executorLabel ?? "");
      if (component.body.kind !== "code" || timeoutMs === undefined) return [name, component];
      const body: Code = { ...component.body, timeoutMs };
      return [name, { ...component, body }];
    }),
  );
}
