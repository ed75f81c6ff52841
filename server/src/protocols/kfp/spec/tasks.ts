import { AppError } from "#lib/errors";
import {
  type ArtifactSource,
  type Dag,
  type Expression,
  type Json,
  type Loop,
  type OutputRef,
  type ParameterSource,
  parseExpression,
  type Retry,
  type Task,
} from "#modules/pipelines";
import { durationMs } from "./durations.ts";
import { refuser } from "./refuse.ts";
import type { DagSpec, TaskSpec } from "./schema.ts";

const BACKOFF_FACTOR = 2; // The format's own default, as are the next two.
const BACKOFF_MS_MAX = 3600 * 1000;
const TASKS_MAX = 2000; // Of one graph; each change looks at all of them. People draw tens.
const RETRIES_MAX = 100; // More is a loop that somebody forgot.

/** A graph of tasks as the engine walks it. @throws AppError `invalid` */
export function buildDag(given: DagSpec, place: string): Dag {
  if (Object.keys(given.tasks).length > TASKS_MAX)
    throw refuser(place)(
      "tasks",
      `A graph has at most ${TASKS_MAX} tasks; put some into a pipeline of their own.`,
    );
  const tasks = mapEntries(given.tasks, (task, name) => buildTask(name, task, `${place}.tasks.${name}`));
  return {
    kind: "dag",
    tasks,
    order: inOrder(tasks, `${place}.tasks`),
    outputs: {
      parameters: mapEntries(given.outputs.parameters, (output, name) => {
        const selectors = output.valueFromOneof?.parameterSelectors ?? [output.valueFromParameter];
        return selectors.map((one): OutputRef => {
          if (one === undefined)
            throw refuser(`${place}.outputs.parameters.${name}`)(
              "",
              "The output names no task to take it from.",
            );
          return { task: one.producerSubtask, output: one.outputParameterKey };
        });
      }),
      artifacts: mapEntries(given.outputs.artifacts, ({ artifactSelectors }) =>
        artifactSelectors.map((one) => ({ task: one.producerSubtask, output: one.outputArtifactKey })),
      ),
    },
  };
}

function buildTask(name: string, given: TaskSpec, place: string): Task {
  const refuse = refuser(place);
  const parameters = mapEntries(given.inputs.parameters, (source, input) =>
    parameterSource(source, `${place}.inputs.parameters.${input}`),
  );
  const artifacts = mapEntries(given.inputs.artifacts, (source, input) =>
    artifactSource(source, `${place}.inputs.artifacts.${input}`),
  );
  const sources = [...Object.values(parameters), ...Object.values(artifacts)];
  const producers = sources.flatMap((source) =>
    source.kind === "task" || source.kind === "final-status" ? [source.task] : [],
  );
  const { condition, strategy } = given.triggerPolicy;
  return {
    name,
    displayName: given.taskInfo.name || name,
    component: given.componentRef.name,
    parameters,
    artifacts,
    after: [...new Set([...given.dependentTasks, ...producers])],
    when: strategy === "ALL_UPSTREAM_TASKS_COMPLETED" ? "completed" : "succeeded",
    condition:
      condition === ""
        ? undefined
        : {
            text: condition,
            expression: expressionAt(condition, () => refuse("triggerPolicy.condition", "")),
          },
    cache: { enabled: given.cachingOptions.enableCache, key: given.cachingOptions.cacheKey },
    retry: given.retryPolicy === undefined ? undefined : retryOf(given.retryPolicy, `${place}.retryPolicy`),
    loop: loopOf(given, place),
  };
}

function parameterSource(given: TaskSpec["inputs"]["parameters"][string], place: string): ParameterSource {
  const refuse = refuser(place);
  const { parameterExpressionSelector: text = "" } = given;
  const selector =
    text === "" ? undefined : expressionAt(text, () => refuse("parameterExpressionSelector", ""));
  if (given.taskOutputParameter !== undefined) {
    const { producerTask, outputParameterKey } = given.taskOutputParameter;
    return { kind: "task", task: producerTask, output: outputParameterKey, selector };
  }
  if (given.componentInputParameter !== undefined)
    return { kind: "input", name: given.componentInputParameter, selector };
  if (given.taskFinalStatus !== undefined)
    return { kind: "final-status", task: given.taskFinalStatus.producerTask, selector };
  const { constant, runtimeParameter } = given.runtimeValue ?? {};
  if (runtimeParameter !== undefined) return { kind: "input", name: runtimeParameter, selector };
  if (constant !== undefined) return { kind: "constant", value: constant as Json, selector };
  throw refuse("", "The input has no value: no constant, no task's output, no input of the graph.");
}

function artifactSource(given: TaskSpec["inputs"]["artifacts"][string], place: string): ArtifactSource {
  if (given.taskOutputArtifact !== undefined) {
    const { producerTask, outputArtifactKey } = given.taskOutputArtifact;
    return { kind: "task", task: producerTask, output: outputArtifactKey };
  }
  if (given.componentInputArtifact !== undefined)
    return { kind: "input", name: given.componentInputArtifact };
  throw refuser(place)("", "The input has no value: no task's output, no input of the graph.");
}

function retryOf(given: NonNullable<TaskSpec["retryPolicy"]>, place: string): Retry {
  const refuse = refuser(place);
  const read = (field: "backoffDuration" | "backoffMaxDuration", otherwise: number) => {
    const text = given[field];
    const ms = text === undefined ? otherwise : durationMs(text);
    if (ms === undefined) throw refuse(field, 'A duration is written in seconds, such as "1.5s".');
    return ms;
  };
  if (given.maxRetryCount > RETRIES_MAX) throw refuse("maxRetryCount", `At most ${RETRIES_MAX} are taken.`);
  return {
    retriesMax: given.maxRetryCount,
    backoffMs: read("backoffDuration", 0),
    factor: given.backoffFactor || BACKOFF_FACTOR,
    backoffMsMax: read("backoffMaxDuration", BACKOFF_MS_MAX),
  };
}

function loopOf(given: TaskSpec, place: string): Loop | undefined {
  const { parameterIterator: values, artifactIterator: artifacts } = given;
  const parallel = given.iteratorPolicy.parallelismLimit;
  if (artifacts !== undefined) {
    const items = { kind: "input", name: artifacts.items.inputArtifact } as const;
    return { items, over: "artifacts", itemInput: artifacts.itemInput, parallel };
  }
  if (values === undefined) return undefined;
  const { raw, inputParameter } = values.items;
  const refuse = refuser(`${place}.parameterIterator`);
  if (raw === undefined && inputParameter === undefined)
    throw refuse("items", "The loop names nothing to go over.");
  const items =
    raw === undefined
      ? { kind: "input" as const, name: inputParameter ?? "" }
      : { kind: "raw" as const, values: listIn(raw, () => refuse("items.raw", "It is not a JSON list.")) };
  return { items, over: "parameters", itemInput: values.itemInput, parallel };
}

/** Each task after those it waits for. @throws AppError `invalid` when they wait for each other in a circle */
function inOrder(tasks: Readonly<Record<string, Task>>, at: string): string[] {
  const done = new Set<string>();
  const open = new Set<string>();
  for (const name of Object.keys(tasks)) visit(name);
  return [...done];

  function visit(name: string): void {
    const task = tasks[name];
    if (task === undefined || done.has(name)) return;
    if (open.has(name)) throw refuser(at)(name, `Tasks wait for each other: ${[...open, name].join(" → ")}.`);
    open.add(name);
    for (const other of task.after) visit(other);
    open.delete(name);
    done.add(name);
  }
}

function expressionAt(text: string, refused: () => AppError): Expression {
  try {
    return parseExpression(text);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const { message, at } = refused();
    throw new AppError("invalid", `${message}${thrown.message}`, { ...(at === undefined ? {} : { at }) });
  }
}

function listIn(raw: string, refused: () => AppError): readonly Json[] {
  try {
    const list: unknown = JSON.parse(raw);
    if (Array.isArray(list)) return list as Json[];
  } catch {
    throw refused();
  }
  throw refused();
}

function mapEntries<T, R>(
  of: Readonly<Record<string, T>>,
  make: (value: T, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, make(value, name)]));
}
