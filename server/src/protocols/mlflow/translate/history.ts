import type { History } from "#modules/tracking";
import { toWireNumber } from "./values.ts";

/**
 * The points of one metric as JSON texts, straight from the columns: a history has tens of thousands of points, and
 * an object for each would cost more than the text.
 */
export function pointTexts(key: string, history: History, runId?: string): string[] {
  const { timestampsMs, steps, values } = history;
  const start = `{"key":${JSON.stringify(key)},"value":`;
  const end = runId === undefined ? "}" : `,"run_id":${JSON.stringify(runId)}}`;
  const texts = new Array<string>(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    const number = Number.isFinite(value) ? value : JSON.stringify(toWireNumber(value));
    texts[i] = `${start}${number},"timestamp":${timestampsMs[i]},"step":${steps[i]}${end}`;
  }
  return texts;
}
