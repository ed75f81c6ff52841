import type { Cells } from "./prediction-log.ts";
import { perRow, type Row } from "./rows.ts";
import type { Scoring } from "./scoring-body.ts";

const LOGGED_ELEMENTS_MAX = 64; // Of one cell: an image is no column of a table.

// What the prediction log keeps of a request, in columns.

/** Of tensors: what is larger than a table's cell is left out. */
export function cellsOf(tensors: readonly Parameters<typeof perRow>[0][], rows: number): Cells["inputs"] {
  const cells: Record<string, unknown[]> = {};
  for (const tensor of tensors) {
    const elements = tensor.shape.reduce((product, length) => product * length, 1);
    if (elements > rows * LOGGED_ELEMENTS_MAX) continue;
    cells[tensor.name] = perRow(tensor, rows);
  }
  return cells;
}

export function scoringCells(scoring: Scoring, json: Buffer): Cells {
  const { predictions } = JSON.parse(json.toString("utf8")) as { predictions?: unknown };
  const answers =
    Array.isArray(predictions) && predictions.length === scoring.count ? predictions : [predictions];
  const inputs = scoring.rows === undefined ? {} : columnsOfRows(scoring.rows);
  return { inputs, outputs: outputCells(answers) };
}

export function columnsOfRows(rows: readonly Row[]): Record<string, unknown[]> {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] ?? null)]));
}

export function outputCells(answers: readonly unknown[]): Record<string, unknown[]> {
  const byName = answers.every((one) => typeof one === "object" && one !== null && !Array.isArray(one));
  return byName && answers.length > 0 ? columnsOfRows(answers as Row[]) : { prediction: [...answers] };
}
