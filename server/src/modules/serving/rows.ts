import { AppError } from "#lib/errors";
import type { Signature, Tensor, TensorSpec } from "#ports/engines";
import { decode, type Element, encode, flatten } from "./values.ts";

export type Row = Readonly<Record<string, unknown>>;

/**
 * Rows as the model's tensors. A model with one matrix that was trained on named columns takes them in their order.
 * @throws AppError `invalid` naming the input that is missing, too many, or does not fit
 */
export function tensorsOf(signature: Signature, columns: readonly string[], rows: readonly Row[]): Tensor[] {
  const [only] = signature.inputs;
  if (
    only !== undefined &&
    signature.inputs.length === 1 &&
    isMatrixOf(only, columns) &&
    !hasColumn(rows, only.name)
  ) {
    refuseUnknown(rows, columns);
    const values = rows.flatMap((row, i) => columns.map((column) => given(row, column, i)));
    const shape = [rows.length, columns.length];
    return [
      { name: only.name, datatype: only.datatype, shape, data: encode(only.name, only.datatype, values) },
    ];
  }
  const names = signature.inputs.map(({ name }) => name);
  refuseUnknown(rows, names);
  return signature.inputs
    .filter((spec) => spec.optional !== true || hasColumn(rows, spec.name))
    .map((spec) =>
      tensorOf(
        spec,
        rows.map((row, i) => given(row, spec.name, i)),
      ),
    );
}

/** One value for each row. @throws AppError `invalid` */
export function tensorOf(spec: TensorSpec, values: readonly unknown[]): Tensor {
  const { name, datatype } = spec;
  const inner = spec.shape.slice(1);
  const first = flatten(name, values[0] ?? null).length;
  const shape = [values.length, ...shapeOfRow(spec, values[0], first)];
  const flat = values.flatMap((value) => flatten(name, value));
  const wanted = shape.reduce((product, length) => product * length, 1);
  if (flat.length !== wanted) {
    const size = inner.length === 0 ? "one value" : `values of the shape [${inner.join(", ")}]`;
    throw new AppError("invalid", `Input ${name} takes ${size} for each row.`, { at: name });
  }
  return { name, datatype, shape, data: encode(name, datatype, flat) };
}

function shapeOfRow(spec: TensorSpec, value: unknown, elements: number): number[] {
  const inner = spec.shape.slice(1);
  const open = inner.filter((length) => length < 0).length;
  if (open === 0) return [...inner];
  const known = inner.filter((length) => length >= 0).reduce((product, length) => product * length, 1);
  // With one open length the number of elements says what it is; with more the nesting has to.
  if (open === 1)
    return inner.map((length) => (length < 0 ? Math.floor(elements / Math.max(known, 1)) : length));
  return nesting(value, inner.length);
}

function nesting(value: unknown, depth: number): number[] {
  const shape: number[] = [];
  for (let one = value; shape.length < depth; one = Array.isArray(one) ? one[0] : undefined)
    shape.push(Array.isArray(one) ? one.length : 1);
  return shape;
}

function isMatrixOf(spec: TensorSpec, columns: readonly string[]): boolean {
  const width = spec.shape[1];
  return columns.length > 0 && spec.shape.length === 2 && (width === -1 || width === columns.length);
}

function hasColumn(rows: readonly Row[], name: string): boolean {
  return rows[0] !== undefined && Object.hasOwn(rows[0], name);
}

function given(row: Row, name: string, index: number): unknown {
  if (Object.hasOwn(row, name)) return row[name];
  throw new AppError("invalid", `Row ${index} lacks the input ${name}.`, { at: name });
}

function refuseUnknown(rows: readonly Row[], known: readonly string[]): void {
  const names = new Set(known);
  for (const name of Object.keys(rows[0] ?? {})) {
    if (names.has(name)) continue;
    throw new AppError(
      "invalid",
      `The model has no input ${name.slice(0, 100)}; it takes ${known.join(", ")}.`,
      {
        at: name,
      },
    );
  }
}

/** For each row its value, or an object by output where there are several. */
export function predictionsOf(outputs: readonly Tensor[], rows: number): unknown[] {
  const columns = outputs.map((output) => [output.name, perRow(output, rows)] as const);
  const [only] = columns;
  if (only !== undefined && columns.length === 1) return only[1];
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row]])),
  );
}

/** What belongs to each row: one value, or the row's values as nested lists. */
export function perRow(tensor: Tensor, rows: number): unknown[] {
  const [first, ...inner] = tensor.shape;
  const elements = decode(tensor);
  if (first !== rows) return Array.from({ length: rows }, () => nest(elements, tensor.shape));
  const size = inner.reduce((product, length) => product * length, 1);
  return Array.from({ length: rows }, (_, row) => {
    const own = elements.slice(row * size, (row + 1) * size);
    return size === 1 ? own[0] : nest(own, inner);
  });
}

/** Row-major elements as the nested lists that the shape says. */
function nest(elements: readonly Element[], shape: readonly number[]): unknown {
  if (shape.length === 0) return elements[0] ?? null;
  let level: unknown[] = [...elements];
  for (let axis = shape.length - 1; axis > 0; axis -= 1) {
    const length = shape[axis] ?? 0;
    const rest = shape.slice(0, axis).reduce((product, one) => product * one, 1);
    level = Array.from({ length: rest }, (_, i) => level.slice(i * length, (i + 1) * length));
  }
  return level;
}
