import type { History } from "#modules/tracking";
import { toWireNumber } from "./values.ts";

/**
 * The points of one metric as JSON text, straight from the columns: a history has tens of thousands of points, and an
 * object for each would cost more than the text. Commas stand between the points.
 */
export function historyText(key: string, history: History, runId?: string): string {
  const { timestampsMs, steps, values } = history;
  const start = `{"key":${JSON.stringify(key)},"value":`;
  const end = runId === undefined ? "}" : `,"run_id":${JSON.stringify(runId)}}`;
  let text = "";
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    const number = Number.isFinite(value) ? value : JSON.stringify(toWireNumber(value));
    text += `${i === 0 ? "" : ","}${start}${number},"timestamp":${timestampsMs[i]},"step":${steps[i]}${end}`;
  }
  return text;
}
