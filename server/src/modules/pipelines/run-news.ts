import type { PipelineNews } from "./gate.ts";
import type { RunRow } from "./tables.ts";

/** What the trail hears of a run. */
export function newsOfRun(row: RunRow, what: string, details: Record<string, unknown> = {}): PipelineNews {
  return { action: `pipeline-run.${what}`, projectId: row.project_id, id: row.id, name: row.name, details };
}
