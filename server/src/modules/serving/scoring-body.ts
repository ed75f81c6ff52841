import { AppError } from "#lib/errors";
import type { Signature, Tensor } from "#ports/engines";
import { tensorOf, tensorsOf } from "./rows.ts";
import { encode, flatten } from "./values.ts";

const FORMS = ["dataframe_split", "dataframe_records", "instances", "inputs"] as const;
const UNIFIED = ["messages", "prompt", "input"];
const ROWS_MAX = 100_000; // Of one request; more is a job for a batch.

export interface ScoringBodyGiven {
  contentType: "application/json" | "text/csv";
  bytes: Buffer;
}

/** A body of the scoring protocol: rows by column, or one array without names. */
export interface Scoring {
  /** Undefined where the body holds an array without names, or is for a language model. */
  rows: Record<string, unknown>[] | undefined;
  array: unknown[] | undefined;
  params: Record<string, unknown>;
  count: number;
}

/**
 * @throws AppError `invalid` in the words of that protocol's own server
 * @remarks mlflow/pyfunc/scoring_server/__init__.py, functions _split_data_and_params and infer_and_parse_data
 */
export function readScoring({ contentType, bytes }: ScoringBodyGiven): Scoring {
  if (contentType === "text/csv") return ofRows(readCsv(bytes.toString("utf8")), {});
  const body = parse(bytes);
  const params = readParams(body.params);
  if (UNIFIED.some((name) => Object.hasOwn(body, name)))
    return { rows: undefined, array: undefined, params, count: 1 };
  if (Object.hasOwn(body, "signature_name"))
    throw refused("'signature_name' parameter is not supported; drop it from the request.");
  const forms = FORMS.filter((form) => Object.hasOwn(body, form));
  const [form] = forms;
  if (form === undefined || forms.length > 1) {
    throw refused(
      `The request must have exactly one of the fields ${FORMS.join(", ")}; it has ${forms.length === 0 ? "none" : forms.join(" and ")}.`,
    );
  }
  const data = body[form];
  if (form === "dataframe_split") return ofRows(rowsOfSplit(data), params);
  if (form === "dataframe_records") return ofRows(records(data, form), params);
  if (form === "instances") {
    if (!Array.isArray(data)) throw refused("'instances' must be a list with one item for each row.");
    if (data.some(isObject)) return ofRows(records(data, form), params);
    return { rows: undefined, array: data, params, count: data.length };
  }
  if (Array.isArray(data)) return { rows: undefined, array: data, params, count: data.length };
  if (isObject(data)) return ofRows(rowsOfColumns(data), params);
  throw refused("'inputs' must be a list, or an object of lists by column.");
}

/** The tensors of an ONNX model for a body. @throws AppError `invalid` */
export function tensorsOfScoring(signature: Signature, columns: readonly string[], body: Scoring): Tensor[] {
  const unused = Object.keys(body.params)[0];
  if (unused !== undefined)
    throw refused(`This model takes no parameters; drop ${unused.slice(0, 100)} from params.`);
  if (body.rows !== undefined) return tensorsOf(signature, columns, body.rows);
  const [only] = signature.inputs;
  if (body.array === undefined || only === undefined || signature.inputs.length !== 1) {
    const names = signature.inputs.map(({ name }) => name).join(", ");
    throw refused(`The model takes the inputs ${names}; name them, as in dataframe_split.`);
  }
  const [first] = body.array;
  // A flat list is one column: each number is a row of one.
  if (!Array.isArray(first) && only.shape.length === 2) {
    const flat = flatten(only.name, body.array);
    const { name, datatype } = only;
    return [{ name, datatype, shape: [flat.length, 1], data: encode(name, datatype, flat) }];
  }
  return [tensorOf(only, body.array)];
}

function parse(bytes: Buffer): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw refused("Invalid input. Ensure that input is a valid JSON formatted string.", cause);
  }
  if (isObject(body)) return body;
  throw refused(`The request's body must be a JSON object with one of the fields ${FORMS.join(", ")}.`);
}

function readParams(params: unknown): Record<string, unknown> {
  if (params === undefined || params === null) return {};
  if (isObject(params)) return params;
  throw refused("'params' must be an object.");
}

function ofRows(rows: Record<string, unknown>[], params: Record<string, unknown>): Scoring {
  if (rows.length > ROWS_MAX) throw refused(`A request takes at most ${ROWS_MAX} rows.`);
  return { rows, array: undefined, params, count: rows.length };
}

function records(data: unknown, form: string): Record<string, unknown>[] {
  if (Array.isArray(data) && data.every(isObject)) return data;
  throw refused(`'${form}' must be a list of objects, one for each row.`);
}

function rowsOfSplit(data: unknown): Record<string, unknown>[] {
  if (!isObject(data) || !Array.isArray(data.data))
    throw refused("'dataframe_split' must be an object with the list 'data' and the list 'columns'.");
  const first: unknown = data.data[0];
  const width = Array.isArray(first) ? first.length : 0;
  const columns = Array.isArray(data.columns)
    ? data.columns.map(String)
    : Array.from({ length: width }, (_, i) => String(i));
  return data.data.map((row: unknown, i: number) => {
    if (!Array.isArray(row) || row.length !== columns.length)
      throw refused(
        `Row ${i} of 'dataframe_split' does not have the ${columns.length} values that its columns say.`,
      );
    return Object.fromEntries(columns.map((name, at) => [name, row[at]]));
  });
}

function rowsOfColumns(data: Record<string, unknown>): Record<string, unknown>[] {
  const columns = Object.entries(data).map(
    ([name, values]) => [name, Array.isArray(values) ? values : [values]] as const,
  );
  const count = columns[0]?.[1].length ?? 0;
  const odd = columns.find(([, values]) => values.length !== count);
  if (odd !== undefined)
    throw refused(`Column ${odd[0].slice(0, 100)} of 'inputs' has another length than the first.`);
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row]])),
  );
}

/** Cells as pandas reads them in the plain case: numbers, else text; an empty one is missing. */
function readCsv(text: string): Record<string, unknown>[] {
  const lines = splitCsv(text);
  const header = lines.shift();
  if (header === undefined) throw refused("The CSV body is empty; its first line names the columns.");
  return lines.map((cells, i) => {
    if (cells.length !== header.length)
      throw refused(
        `Line ${i + 2} of the CSV body has ${cells.length} cells; the header has ${header.length}.`,
      );
    return Object.fromEntries(header.map((name, at) => [name, cellOf(cells[at] ?? "")]));
  });
}

function cellOf(text: string): string | number | null {
  if (text === "") return null;
  const number = Number(text);
  return text.trim() !== "" && Number.isFinite(number) ? number : text;
}

function splitCsv(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  // A quoted cell doubles its quotes; a cell ends at a comma, a line or the end.
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    const [whole, quoted, plain = "", end] = match;
    if (whole === "" && line.length === 0) break;
    line.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (line.length > 1 || line[0] !== "") lines.push(line);
    line = [];
  }
  return lines;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError("invalid", message, { at: "body", cause });
}
