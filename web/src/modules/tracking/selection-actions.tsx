import type { View } from "@atrium/contract/tracking";
import { GitCompareArrows, Trash2, Undo2 } from "lucide-react";
import { useShortcuts } from "../../lib/keys.ts";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { COMPARE_MAX, COMPARE_MIN } from "./compare-limits.ts";
import type { RunRow } from "./runs-api.ts";
import { useRunActions } from "./use-run-actions.ts";

// Each is a request of its own; a larger clean-up is a script's work.
const CHANGED_AT_ONCE_MAX = 200;

/** What can be done with the selected runs: compare, delete; in the deleted view, restore. */
export function SelectionActions({
  project,
  view,
  selected,
  onDone,
}: {
  project: string;
  view: View;
  selected: readonly RunRow[];
  onDone: () => void;
}) {
  const { can } = useSession();
  const go = useGo();
  const actions = useRunActions(project);
  const count = selected.length;
  const comparable = count >= COMPARE_MIN && count <= COMPARE_MAX;
  const compare = () => {
    if (comparable)
      go(
        paths.compareRuns(
          project,
          selected.map((run) => run.id),
        ),
      );
  };
  useShortcuts([{ keys: "c", does: "Compare the selected runs", where: "Runs", run: compare }]);
  const changeable = count > 0 && count <= CHANGED_AT_ONCE_MAX && can("run:delete");
  return (
    <>
      {changeable && view === "active" && (
        <button
          type="button"
          className="button"
          onClick={() => void actions.remove(selected).then((how) => how === "done" && onDone())}
        >
          <Trash2 size={14} /> <span className="max-sm:sr-only">Delete</span>
          <span className="nums">{count}</span>
        </button>
      )}
      {changeable && view === "deleted" && (
        <button
          type="button"
          className="button"
          onClick={() => void actions.restore(selected).then((how) => how === "done" && onDone())}
        >
          <Undo2 size={14} /> Restore <span className="nums">{count}</span>
        </button>
      )}
      {view === "active" && (
        <button
          type="button"
          className="button"
          disabled={!comparable}
          title={
            count > COMPARE_MAX
              ? `At most ${COMPARE_MAX} runs stand side by side`
              : `Select ${COMPARE_MIN} to ${COMPARE_MAX} runs`
          }
          onClick={compare}
        >
          <GitCompareArrows size={14} /> Compare
          {count > 0 && <span className="nums">{count}</span>}
        </button>
      )}
    </>
  );
}
