import { AppError } from "#lib/errors";
import { componentOf } from "./engine/draft.ts";
import { declared } from "./engine/fingerprint.ts";
import type { Artifact, Node, RunState } from "./engine/state.ts";
import type { Json, OutputArtifact, ParameterType } from "./plan.ts";

/** Below a step's working folder; the launcher makes them absolute. */
const INPUTS = "inputs";
export const OUTPUTS = "outputs";
export const OUTPUT_FILE = "executor-output.json";

/** Where an input artifact is laid: its name may be any text, so that a number stands for it. */
export interface LaidInput {
  artifact: Artifact;
  to: string;
}

export interface ExecutorInput {
  json: Json;
  /** Files to lay into the working folder; what lies elsewhere keeps its own address. */
  laid: readonly LaidInput[];
  /** Output artifact → folder or file below the working folder. */
  outputs: readonly { name: string; from: string }[];
}

/**
 * What the SDK's executor is told. Addresses of artifacts are paths below the working folder.
 * @throws AppError `invalid` when a value is not of its parameter's type
 * @remarks Wire format: pipeline_spec.proto, message ExecutorInput, as proto-JSON; the executor reads `uri` as a path.
 */
export function executorInput(state: RunState, node: Node): ExecutorInput {
  const component = componentOf(state, node);
  const { parameters, artifacts } = declared(state, node);
  const laid: LaidInput[] = [];
  const parameterValues = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typed(value, { name, type: component.inputs.parameters[name]?.type ?? "STRUCT" }),
    ]),
  );
  const inputArtifacts = Object.fromEntries(
    Object.entries(artifacts).map(([name, list]) => [
      name,
      {
        artifacts: list.map((artifact): Json => {
          const to =
            artifact.path === undefined ? undefined : `${INPUTS}/${laid.length}/${fileName(artifact.path)}`;
          if (to !== undefined) laid.push({ artifact, to });
          return shown(artifact, to ?? artifact.uri);
        }),
      },
    ]),
  );
  const outputs = Object.keys(component.outputs.artifacts).map((name) => ({
    name,
    from: `${OUTPUTS}/${name}`,
  }));
  return {
    json: {
      inputs: { parameterValues, artifacts: inputArtifacts },
      outputs: {
        parameters: Object.fromEntries(
          Object.keys(component.outputs.parameters).map((name) => [
            name,
            { outputFile: `parameters/${name}` },
          ]),
        ),
        artifacts: Object.fromEntries(
          Object.entries(component.outputs.artifacts).map(([name, artifact]) => [
            name,
            { artifacts: [shown(emptyArtifact(name, artifact), `${OUTPUTS}/${name}`)] },
          ]),
        ),
        outputFile: OUTPUT_FILE,
      },
    },
    laid,
    outputs,
  };
}

function emptyArtifact(name: string, { schemaTitle, schemaVersion, metadata }: OutputArtifact): Artifact {
  return { name, schemaTitle, schemaVersion, metadata, uri: "" };
}

function shown({ name, schemaTitle, schemaVersion, metadata }: Artifact, uri: string): Json {
  return { name, type: { schemaTitle, schemaVersion }, uri, metadata: { ...metadata } };
}

/** The last part of a path: many libraries tell a file's kind by its name. */
function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** What a step wrote: parameters as values of their types, and what it says of its artifacts. */
export interface ExecutorOutput {
  parameters: Record<string, Json>;
  artifacts: Record<string, { uri: string; metadata: Record<string, Json> }>;
}

/**
 * Reads what the executor wrote; a component without outputs writes little or nothing.
 * @throws AppError `invalid` when it does not say what the component promises
 */
export function readExecutorOutput(text: string, state: RunState, node: Node): ExecutorOutput {
  const { outputs } = componentOf(state, node);
  const written = objectIn(parsedJson(text), "the output file");
  const values = objectIn(written.parameterValues ?? {}, "parameterValues");
  const parameters: Record<string, Json> = {};
  for (const [name, type] of Object.entries(outputs.parameters)) {
    const value = values[name];
    if (value === undefined) continue; // A function may return nothing; who reads it says what is missing.
    parameters[name] = typed(value, { name, type });
  }
  const artifacts: ExecutorOutput["artifacts"] = {};
  const lists = objectIn(written.artifacts ?? {}, "artifacts");
  for (const name of Object.keys(outputs.artifacts)) {
    const list = objectIn(lists[name] ?? {}, `artifacts.${name}`).artifacts;
    const [first] = Array.isArray(list) ? list : [];
    if (first === undefined) continue;
    const { uri = "", metadata = {} } = objectIn(first, `artifacts.${name}`);
    artifacts[name] = { uri: String(uri), metadata: objectIn(metadata, `artifacts.${name}.metadata`) };
  }
  return { parameters, artifacts };
}

/** A value as its type has it; numbers and truth values may have become text on their way. @throws AppError `invalid` */
export function typed(value: Json, { name, type }: { name: string; type: ParameterType }): Json {
  if (value === null) return null;
  const made = READERS[type](value);
  if (made !== undefined) return made;
  const given = JSON.stringify(value);
  const short = given.length > 100 ? `${given.slice(0, 100)}…` : given;
  throw new AppError("invalid", `The parameter ${name} is ${WORDS[type]}; ${short} is none.`, {
    at: `parameters.${name}`,
  });
}

const WORDS: Readonly<Record<ParameterType, string>> = {
  NUMBER_INTEGER: "a whole number",
  NUMBER_DOUBLE: "a number",
  BOOLEAN: "true or false",
  STRING: "a text",
  LIST: "a list",
  STRUCT: "an object",
  TASK_FINAL_STATUS: "the end of a task",
};

const READERS: Readonly<Record<ParameterType, (value: Json) => Json | undefined>> = {
  NUMBER_INTEGER: (value) => {
    const number = numberIn(value);
    return Number.isSafeInteger(number) ? number : undefined;
  },
  NUMBER_DOUBLE: numberIn,
  BOOLEAN: (value) => {
    if (typeof value === "boolean") return value;
    if (value === "true" || value === "True") return true;
    return value === "false" || value === "False" ? false : undefined;
  },
  STRING: (value) => (typeof value === "string" ? value : JSON.stringify(value)),
  LIST: (value) => {
    const list = typeof value === "string" ? tried(value) : value;
    return Array.isArray(list) ? list : undefined;
  },
  STRUCT: (value) => {
    const struct = typeof value === "string" ? tried(value) : value;
    return typeof struct === "object" ? struct : undefined;
  },
  TASK_FINAL_STATUS: (value) => (typeof value === "object" ? value : undefined),
};

function numberIn(value: Json): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function tried(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // Python writes NaN and Infinity, which JSON does not have.
    throw new AppError("invalid", `The step's outputs are not JSON: ${(cause as Error).message}.`, { cause });
  }
}

function objectIn(value: unknown, what: string): Record<string, Json> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, Json>;
  throw new AppError("invalid", `The step's outputs are not understood: ${what} is no object.`);
}
