import { runStage, type Stage, type StageResult } from "./stage.ts";

/**
 * Runs stages one after the other: a line for each, all output of one that fails, and a closing line with the sum.
 * @returns the process's exit code
 */
export async function runStages(stages: readonly Stage[], print: (line: string) => void): Promise<number> {
  let passed = 0;
  let failed = 0;
  const missing: string[] = [];
  for (const stage of stages) {
    const result = await runStage(stage);
    print(describe(stage, result));
    if (result.kind === "missing") {
      missing.push(stage.name);
      continue;
    }
    passed += result.passed;
    failed += result.failed;
    if (result.failed > 0) print(`${result.output.trimEnd()}\n--- end of ${stage.name}`);
  }
  if (missing.length > 0) print(`Could not run here, for the reasons above: ${missing.join(", ")}.`);
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function describe(stage: Stage, result: StageResult): string {
  const name = stage.name.padEnd(22);
  if (result.kind === "missing") return `${name} NOT RUN: ${result.reason}`;
  const seconds = `${(result.tookMs / 1000).toFixed(1)} s`.padStart(8);
  const skipped = /^(\d+) skipped$/m.exec(result.output)?.[1];
  const note = skipped === undefined ? "" : `, ${skipped} skipped`;
  return `${name} ${seconds}  ${result.passed} passed, ${result.failed} failed${note}`;
}
