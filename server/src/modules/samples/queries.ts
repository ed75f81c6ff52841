import { type Tx, tables } from "#ports/database";
import type { SamplesTables, StepRow } from "./tables.ts";

const db = tables<SamplesTables>();
const STEPS_MAX = 100; // There are ten.

export async function steps(tx: Tx): Promise<StepRow[]> {
  return db(tx).selectFrom("samples_steps").selectAll().orderBy("position").limit(STEPS_MAX).execute();
}

export async function addSteps(tx: Tx, rows: readonly StepRow[]): Promise<void> {
  await db(tx).insertInto("samples_steps").values(rows).execute();
}

export async function saveStep(
  tx: Tx,
  position: number,
  changes: Partial<Omit<StepRow, "position" | "name">>,
): Promise<void> {
  await db(tx).updateTable("samples_steps").set(changes).where("position", "=", position).execute();
}

export async function forgetSteps(tx: Tx): Promise<void> {
  await db(tx).deleteFrom("samples_steps").execute();
}
