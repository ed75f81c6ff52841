import type { RunStatus } from "@atrium/contract/tracking";
import { plural } from "../../lib/format.ts";
import { useUndoable } from "../../lib/fresh.ts";
import { deleteRun, type RunRow, restoreRun, updateRun } from "./runs-api.ts";

const ENDED: Partial<Record<RunStatus, string>> = {
  FINISHED: "marked as finished",
  FAILED: "marked as failed",
  KILLED: "marked as cancelled",
  RUNNING: "running again",
};

/** What can be done to runs; each is done at once and can be undone. */
export function useRunActions(project: string) {
  const undoable = useUndoable(["/runs", "/experiments", "/quotas", "/audit"]);
  const change = (run: RunRow, body: Parameters<typeof updateRun>[0]["body"]) =>
    updateRun({ project, params: { run: run.id }, body });
  const each = (runs: readonly RunRow[], what: typeof deleteRun | typeof restoreRun) =>
    Promise.all(runs.map((run) => what({ project, params: { run: run.id } })));
  const named = (runs: readonly RunRow[]) =>
    runs.length === 1 ? (runs[0]?.name ?? "") : plural(runs.length, "run");
  return {
    rename: (run: RunRow, name: string) =>
      undoable({
        act: () => change(run, { name }),
        said: `${run.name} is now ${name}`,
        undo: () => change(run, { name: run.name }),
      }),
    end: (run: RunRow, status: RunStatus) =>
      undoable({
        act: () => change(run, { status }),
        said: `${run.name} is ${ENDED[status] ?? "changed"}`,
        undo: () => change(run, { status: run.status }),
      }),
    setTag: (run: RunRow, name: string, value: string | null) =>
      undoable({
        act: () => change(run, { tags: { [name]: value } }),
        said: value === null ? `Tag ${name} removed` : `Tag ${name} set`,
        undo: () => change(run, { tags: { [name]: run.tags[name] ?? null } }),
      }),
    remove: (runs: readonly RunRow[]) =>
      undoable({
        act: () => each(runs, deleteRun),
        said: `${named(runs)} deleted`,
        undo: () => each(runs, restoreRun),
      }),
    restore: (runs: readonly RunRow[]) =>
      undoable({
        act: () => each(runs, restoreRun),
        said: `${named(runs)} restored`,
        undo: () => each(runs, deleteRun),
      }),
  };
}
