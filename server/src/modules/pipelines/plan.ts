import type { Expression } from "./cel.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type ParameterType =
  | "NUMBER_DOUBLE"
  | "NUMBER_INTEGER"
  | "STRING"
  | "BOOLEAN"
  | "LIST"
  | "STRUCT"
  | "TASK_FINAL_STATUS";

export interface InputParameter {
  type: ParameterType;
  description: string;
  optional: boolean;
  default: Json | undefined;
  /** The only values it takes; empty for any. */
  literals: readonly Json[];
}

export interface InputArtifact {
  type: string;
  optional: boolean;
  list: boolean;
}

export interface OutputArtifact {
  schemaTitle: string;
  schemaVersion: string;
  metadata: Readonly<Record<string, Json>>;
  list: boolean;
}

/** What a thing takes and gives, and what it is made of. */
export interface Component {
  name: string;
  inputs: {
    parameters: Readonly<Record<string, InputParameter>>;
    artifacts: Readonly<Record<string, InputArtifact>>;
  };
  outputs: {
    parameters: Readonly<Record<string, ParameterType>>;
    artifacts: Readonly<Record<string, OutputArtifact>>;
  };
  body: Dag | Code | Importer;
}

/** Where a value in a graph comes from. */
export type ParameterSource = { selector?: Expression | undefined } & (
  | { kind: "task"; task: string; output: string }
  | { kind: "constant"; value: Json }
  | { kind: "input"; name: string }
  | { kind: "final-status"; task: string }
);
export type ArtifactSource = { kind: "task"; task: string; output: string } | { kind: "input"; name: string };

export interface OutputRef {
  task: string;
  output: string;
}

export interface Dag {
  kind: "dag";
  tasks: Readonly<Record<string, Task>>;
  /** Their names, each after those it waits for. */
  order: readonly string[];
  /** More than one reference: whichever of them was made. */
  outputs: {
    parameters: Readonly<Record<string, readonly OutputRef[]>>;
    artifacts: Readonly<Record<string, readonly OutputRef[]>>;
  };
}

export interface Retry {
  retriesMax: number;
  backoffMs: number;
  factor: number;
  backoffMsMax: number;
}

export interface Loop {
  items: { kind: "raw"; values: readonly Json[] } | { kind: "input"; name: string };
  /** What it goes over: values, or the artifacts of a list. */
  over: "parameters" | "artifacts";
  itemInput: string;
  /** How many iterations at once; 0: any number. */
  parallel: number;
}

export interface Task {
  name: string;
  displayName: string;
  component: string;
  parameters: Readonly<Record<string, ParameterSource>>;
  artifacts: Readonly<Record<string, ArtifactSource>>;
  /** Tasks that must have ended before, by order or by data. */
  after: readonly string[];
  /** `completed`: it runs however those before it ended. */
  when: "succeeded" | "completed";
  condition: { text: string; expression: Expression } | undefined;
  cache: { enabled: boolean; key: string };
  retry: Retry | undefined;
  loop: Loop | undefined;
}

/** A lightweight Python component: one function of a source text, run by the SDK's own executor. */
export interface Code {
  kind: "code";
  source: string;
  functionName: string;
  /** PEP 508 lines that its author asked for. */
  requirements: readonly string[];
  /** Of the SDK, such as `kfp==2.17.0`. */
  sdk: string;
  variables: Readonly<Record<string, string>>;
  cores: number | undefined;
  memoryMiB: number | undefined;
  timeoutMs: number | undefined;
}

export interface Importer {
  kind: "importer";
  /** An address, or the input that holds it. */
  uri: { kind: "constant"; value: string } | { kind: "input"; name: string };
  schemaTitle: string;
  schemaVersion: string;
  metadata: Readonly<Record<string, Json>>;
}

/** A spec that can run here: every name in it leads somewhere. */
export interface Plan {
  name: string;
  displayName: string;
  description: string;
  root: Component;
  components: Readonly<Record<string, Component>>;
}
