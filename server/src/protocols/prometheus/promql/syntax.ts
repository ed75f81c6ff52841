export type Matching = "=" | "!=" | "=~" | "!~";
export interface Matcher {
  name: string;
  op: Matching;
  value: string;
  holds(value: string): boolean;
}

export interface Selector {
  kind: "selector";
  /** Undefined when the metric's name is not said, or only by a pattern. */
  name: string | undefined;
  matchers: readonly Matcher[];
  /** A range of samples up to each moment, and not only the newest. */
  rangeMs: number | undefined;
  offsetMs: number;
}

export interface Grouping {
  kind: "by" | "without";
  labels: readonly string[];
}

export type Comparison = "==" | "!=" | "<" | ">" | "<=" | ">=";
export type Arithmetic = "+" | "-" | "*" | "/" | "%" | "^" | "atan2";
export type SetOperator = "and" | "or" | "unless";

export interface Binary {
  kind: "binary";
  op: Comparison | Arithmetic | SetOperator;
  left: Expression;
  right: Expression;
  /** A comparison answers 0 or 1 in place of leaving out. */
  result: "bool" | "filter";
  matching: { kind: "on" | "ignoring"; labels: readonly string[] };
}

export interface Call {
  kind: "call";
  name: string;
  args: readonly Expression[];
}

export interface Aggregate {
  kind: "aggregate";
  op: string;
  grouping: Grouping;
  parameter: Expression | undefined;
  of: Expression;
}

export type Expression =
  | { kind: "number"; value: number }
  | { kind: "negate"; of: Expression }
  | Selector
  | Call
  | Aggregate
  | Binary;

export type ValueType = "scalar" | "vector" | "matrix";
