import type { ServingEndpoint, TensorShape } from "@atrium/contract/serving";

export type Instance = Record<string, unknown>;

/**
 * One row that works where the endpoint knows one: the model's own input example, or entity ids and request values. Else a
 * row made from the inputs' types, to be changed by hand.
 */
export function instancesOf(
  endpoint: Pick<ServingEndpoint, "example" | "input" | "deployments">,
): Instance[] {
  const saved = (endpoint.example as { instances?: Instance[] } | undefined)?.instances;
  if (saved !== undefined && saved.length > 0) return saved;
  const [deployment] = endpoint.deployments.filter(({ inputs }) => inputs.length > 0);
  if (endpoint.input.kind === "entities" || deployment === undefined) return [{}];
  return [Object.fromEntries(deployment.inputs.map((input) => [input.name, rowOf(input)]))];
}

const VALUES: Record<string, unknown> = { BYTES: "text", BOOL: false };

/** A value of the shape that one row has, without the first dimension, which counts rows. */
function rowOf({ datatype, shape }: TensorShape): unknown {
  return filled(
    shape.slice(1).map((length) => Math.max(1, length)),
    VALUES[datatype] ?? 0,
  );
}

/** Of nested lists no more than a reader wants to see; the shape in the address is what counts. */
const LENGTH_MAX = 64;

export function filled(shape: readonly number[], value: unknown): unknown {
  const [length, ...rest] = shape;
  if (length === undefined) return value;
  return Array.from({ length: Math.min(length, LENGTH_MAX) }, () => filled(rest, value));
}

/** Rows whose every value is one plain value can be filled in by a form. */
export function isFlat(instances: readonly Instance[]): boolean {
  const [row] = instances;
  if (row === undefined || instances.length !== 1) return false;
  const values = Object.values(row);
  return values.length > 0 && values.every((value) => value === null || typeof value !== "object");
}

/** Text from a form as a value of the kind that the example has. */
export function typedValue(text: string, like: unknown): unknown {
  if (typeof like === "boolean") return text === "true";
  if (typeof like === "number") return text.trim() === "" ? null : Number(text);
  return text;
}
