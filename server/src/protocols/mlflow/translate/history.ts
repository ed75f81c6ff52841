import type { History } from "#modules/tracking";
import { toWireNumber } from "./values.ts";

/**
 * The points of one metric as JSON text with commas between them. Plain objects of one form, written in one go, cost
 * less than text put together by hand; leave it to the engine.
 */
export function historyText(key: string, history: History, runId?: string): string {
  const { timestampsMs, steps, values } = history;
  const points = new Array<object>(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = toWireNumber(values[i] ?? 0);
    points[i] = { key, value, timestamp: timestampsMs[i], step: steps[i], run_id: runId };
  }
  return JSON.stringify(points).slice(1, -1);
}
