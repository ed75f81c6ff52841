import { AppError } from "#lib/errors";
import type { Component, Importer, InputParameter, ParameterType, Plan } from "#modules/pipelines";
import { lightweight } from "./lightweight.ts";
import { checkDag, checkLacks } from "./names.ts";
import { applyPlatform } from "./platform.ts";
import { refuser } from "./refuse.ts";
import type { ComponentSpec, ExecutorSpec, ImporterSpec, PipelineSpec, PlatformSpec } from "./schema.ts";
import { buildDag } from "./tasks.ts";

const ROOT = "root";
const DEPTH_MAX = 30; // Graphs in graphs; each is a segment of a step's path and of its files'.
const COMPONENTS_MAX = 5000; // Some megabytes of spec; people write tens.

/** Makes a plan of a spec, or says where it cannot run here and why. @throws AppError `invalid` */
export function buildPlan(spec: PipelineSpec, platform: PlatformSpec | undefined): Plan {
  const names = Object.keys(spec.components);
  if (names.length > COMPONENTS_MAX)
    throw new AppError(
      "invalid",
      `The pipeline has ${names.length} components; at most ${COMPONENTS_MAX} are taken.`,
      {
        at: "components",
      },
    );
  const components = Object.fromEntries(
    names.map((name) => [name, buildComponent(spec, { name, place: `components.${name}` })]),
  );
  const plan: Plan = {
    name: spec.pipelineInfo.name,
    displayName: spec.pipelineInfo.displayName,
    description: spec.pipelineInfo.description,
    root: buildComponent(spec, { name: ROOT, place: ROOT }),
    components,
  };
  if (plan.root.body.kind !== "dag") throw refuser(ROOT)("dag", "The root must be a graph of tasks.");
  checkDag(plan, plan.root, ROOT);
  for (const component of Object.values(components))
    checkDag(plan, component, `components.${component.name}`);
  checkDepth(plan);
  checkLacks(plan);
  return platform === undefined ? plan : applyPlatform(plan, { spec, platform });
}

function buildComponent(spec: PipelineSpec, { name, place }: { name: string; place: string }): Component {
  const given = name === ROOT && place === ROOT ? spec.root : spec.components[name];
  const refuse = refuser(place);
  if (given === undefined) throw refuse("", "There is no such component.");
  if (given.singlePlatformSpecs.length > 0)
    throw refuse("singlePlatformSpecs", "A component of one platform only does not run here.");
  if (given.taskConfigPassthroughs.length > 0)
    throw refuse("taskConfigPassthroughs", "A step here has no pod whose settings it could pass on.");
  return {
    name,
    inputs: inputsOf(given, place),
    outputs: outputsOf(given, place),
    body: bodyOf(spec, given, place),
  };
}

function bodyOf(spec: PipelineSpec, given: ComponentSpec, place: string): Component["body"] {
  const refuse = refuser(place);
  const { dag, executorLabel } = given;
  if (dag !== undefined && executorLabel === undefined) return buildDag(dag, `${place}.dag`);
  if (executorLabel === undefined || dag !== undefined)
    throw refuse("", "A component is a graph (dag) or has an executor (executorLabel), one of both.");
  const executor = spec.deploymentSpec.executors[executorLabel];
  if (executor === undefined) throw refuse("executorLabel", `There is no executor ${executorLabel}.`);
  return executorOf(executor, `deploymentSpec.executors.${executorLabel}`);
}

function executorOf(executor: ExecutorSpec, place: string): Component["body"] {
  const refuse = refuser(place);
  if (executor.resolver !== undefined)
    throw refuse("resolver", "Artifacts cannot be searched for by a resolver here.");
  if (executor.customJob !== undefined)
    throw refuse("customJob", "Custom jobs of another platform do not run here.");
  if (executor.importer !== undefined) return importerOf(executor.importer, `${place}.importer`);
  if (executor.container === undefined) throw refuse("", "The executor says nothing that could be run.");
  return lightweight(executor.container, refuser(`${place}.container`));
}

function importerOf(given: ImporterSpec, place: string): Importer {
  const refuse = refuser(place);
  const { constant, runtimeParameter } = given.artifactUri;
  if (given.downloadToWorkspace) throw refuse("downloadToWorkspace", "Steps here share no workspace.");
  if (runtimeParameter === undefined && typeof constant !== "string")
    throw refuse("artifactUri", "It is a text (constant), or names an input (runtimeParameter).");
  return {
    kind: "importer",
    uri:
      runtimeParameter === undefined
        ? { kind: "constant", value: String(constant) }
        : { kind: "input", name: runtimeParameter },
    schemaTitle: given.typeSchema.schemaTitle || "system.Artifact",
    schemaVersion: given.typeSchema.schemaVersion,
    metadata: given.metadata,
  };
}

function inputsOf(given: ComponentSpec, place: string): Component["inputs"] {
  const { parameters, artifacts } = given.inputDefinitions;
  const refuse = refuser(`${place}.inputDefinitions.parameters`);
  return {
    parameters: mapValues(parameters, (one, name): InputParameter => {
      const { defaultValue } = one;
      return {
        type: parameterType(one.parameterType, () => refuse(name, NO_TASK_CONFIG)),
        description: one.description,
        optional: one.isOptional || defaultValue !== undefined,
        default: defaultValue,
        literals: one.literals,
      };
    }),
    artifacts: mapValues(artifacts, (one) => ({
      type: one.artifactType.schemaTitle || "system.Artifact",
      optional: one.isOptional,
      list: one.isArtifactList,
    })),
  };
}

function outputsOf(given: ComponentSpec, place: string): Component["outputs"] {
  const { parameters, artifacts } = given.outputDefinitions;
  const refuse = refuser(`${place}.outputDefinitions.parameters`);
  return {
    parameters: mapValues(parameters, (one, name) =>
      parameterType(one.parameterType, () => refuse(name, NO_TASK_CONFIG)),
    ),
    artifacts: mapValues(artifacts, (one) => ({
      schemaTitle: one.artifactType.schemaTitle || "system.Artifact",
      schemaVersion: one.artifactType.schemaVersion,
      metadata: one.metadata,
      list: one.isArtifactList,
    })),
  };
}

const NO_TASK_CONFIG = "A step here has no pod whose settings a parameter could hold (TASK_CONFIG).";

function parameterType(type: ParameterType | "TASK_CONFIG", refused: () => Error): ParameterType {
  if (type === "TASK_CONFIG") throw refused();
  return type;
}

/** Refuses graphs that hold themselves, however many components lie between. */
function checkDepth(plan: Plan): void {
  const depths = new Map<string, number>();
  depthOf(plan.root, []);

  function depthOf(component: Component, above: readonly string[]): number {
    if (component.body.kind !== "dag") return 1;
    const known = depths.get(component.name);
    if (known !== undefined) return known;
    const place = component === plan.root ? ROOT : `components.${component.name}`;
    if (above.includes(component.name)) throw refuser(place)("dag", "The component holds itself.");
    let below = 0;
    for (const task of Object.values(component.body.tasks)) {
      const next = plan.components[task.component];
      if (next !== undefined) below = Math.max(below, depthOf(next, [...above, component.name]));
    }
    const depth = below + 1;
    if (depth > DEPTH_MAX) throw refuser(place)("dag", `Graphs lie in each other deeper than ${DEPTH_MAX}.`);
    depths.set(component.name, depth);
    return depth;
  }
}

function mapValues<T, R>(
  of: Readonly<Record<string, T>>,
  make: (value: T, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, make(value, name)]));
}
