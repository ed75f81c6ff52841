import { expect, test } from "vitest";
import { type Judged, performanceMetrics } from "./performance.ts";

function answered(probability: number, actual: string): Judged {
  const predicted = String(probability);
  return {
    ...{ predicted, actual, predictedNumber: probability },
    ...{ actualNumber: Number(actual), score: probability },
  };
}

test("a probability counts as the class from the threshold on, and at it", () => {
  const judged = [answered(0.3, "1"), answered(0.8, "0"), answered(0.29, "0"), answered(0.1, "1")];
  const performance = {
    task: "classification",
    ...{ prediction: "p", score: "p", positive: "1", threshold: 0.3 },
  } as const;
  expect(performanceMetrics(performance, judged)).toMatchObject({
    ...{ accuracy: 0.5, precision: 0.5, recall: 0.5 },
    brier: (0.7 ** 2 + 0.8 ** 2 + 0.29 ** 2 + 0.9 ** 2) / 4,
  });
  const { threshold: _none, ...without } = performance;
  expect(performanceMetrics(without, judged)).toMatchObject({ accuracy: 0 });
});
