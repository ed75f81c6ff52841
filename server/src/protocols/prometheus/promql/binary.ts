import { cannotExecute } from "./fault.ts";
import { createChooser, keeping, type Labels, type Sample, without } from "./labels.ts";
import type { Binary } from "./syntax.ts";
import { isComparison, isSetOperator } from "./types.ts";

type Value = number | readonly Sample[];

const CALCULATE: Record<string, (a: number, b: number) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "^": (a, b) => (a === 1 ? 1 : a ** b),
  atan2: (a, b) => Math.atan2(a, b),
};
const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
};

/** Makes one operator of a query: it learns how labels match on the way. */
export function createBinary({ op, result, matching }: Binary): (left: Value, right: Value) => Value {
  const { kind, labels: names } = matching;
  const dropped = [...names, "__name__"];
  const match = createChooser((labels) =>
    kind === "on" ? keeping(labels, names) : without(labels, dropped),
  );
  const keepsName = isComparison(op) && result === "filter";
  const calculated = createChooser((labels) => without(labels, ["__name__"]));
  const matched = createChooser((labels) => {
    if (kind === "on") return keeping(labels, names);
    return without(labels, keepsName ? names : dropped);
  });
  return (left, right) => {
    if (typeof left === "number" && typeof right === "number") return made(left, right) ?? 0;
    if (typeof left === "number") return withScalar(right as readonly Sample[], (value) => [left, value]);
    if (typeof right === "number") return withScalar(left, (value) => [value, right]);
    return isSetOperator(op) ? ofSets(left, right) : ofVectors(left, right);
  };

  /** Undefined leaves the pair out. */
  function made(a: number, b: number): number | undefined {
    const comparison = COMPARE[op];
    if (comparison === undefined) return CALCULATE[op]?.(a, b);
    if (result === "bool") return comparison(a, b) ? 1 : 0;
    return comparison(a, b) ? a : undefined;
  }

  function withScalar(samples: readonly Sample[], pair: (value: number) => [number, number]): Sample[] {
    return samples.flatMap(({ labels, value }) => {
      const answer = made(...pair(value));
      if (answer === undefined) return [];
      // A filter gives the sample as it is, on whichever side it stands.
      return keepsName ? [{ labels, value }] : [{ labels: calculated(labels).labels, value: answer }];
    });
  }

  function ofVectors(left: readonly Sample[], right: readonly Sample[]): Sample[] {
    const others = new Map<string, Sample>();
    for (const sample of right) {
      const { key, labels } = match(sample.labels);
      if (others.has(key))
        throw cannotExecute(
          `found duplicate series for the match group ${shown(labels)} on the right hand-side of the operation; many-to-many matching not allowed: matching labels must be unique on one side`,
        );
      others.set(key, sample);
    }
    const seen = new Set<string>();
    return left.flatMap((sample) => {
      const { key, labels } = match(sample.labels);
      const other = others.get(key);
      if (other === undefined) return [];
      const value = made(sample.value, other.value);
      if (value === undefined) return [];
      if (seen.has(key))
        throw cannotExecute(
          `multiple matches for labels ${shown(labels)}: many-to-one matching must be explicit (group_left/group_right), which this server does not support`,
        );
      seen.add(key);
      return [{ labels: matched(sample.labels).labels, value }];
    });
  }

  function ofSets(left: readonly Sample[], right: readonly Sample[]): readonly Sample[] {
    const keys = (samples: readonly Sample[]) => new Set(samples.map(({ labels }) => match(labels).key));
    if (op === "or") {
      const there = keys(left);
      return [...left, ...right.filter(({ labels }) => !there.has(match(labels).key))];
    }
    const others = keys(right);
    return left.filter(({ labels }) => others.has(match(labels).key) === (op === "and"));
  }
}

function shown(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ")}}`.slice(0, 300);
}
