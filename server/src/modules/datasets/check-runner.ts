import type { DatasetCheck, DatasetCheckResult } from "@atrium/contract/datasets";
import { type Checked, judge } from "./checks.ts";
import type { Ask } from "./profile.ts";

/** Judges each check in turn. @throws AppError `exhausted` or `unavailable` of the engine; then nothing is known */
export async function runChecks(
  ask: Ask,
  checks: readonly DatasetCheck[],
  { ranMs, ...of }: Checked & { ranMs: number },
): Promise<DatasetCheckResult[]> {
  const results: DatasetCheckResult[] = [];
  for (const check of checks) results.push({ check, ranMs, ...(await judge(ask, check, of)) });
  return results;
}
