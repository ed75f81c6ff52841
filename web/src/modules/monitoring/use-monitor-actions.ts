import type { Monitor } from "@atrium/contract/monitoring";
import { useFresh, useUndoable } from "../../lib/fresh.ts";
import { toast } from "../../lib/toast.tsx";
import { MONITORING_READS, runMonitor, updateMonitor } from "./monitoring-api.ts";

/** What can be done to a monitor without asking first. */
export function useMonitorActions(project: string, { id, name, state }: Monitor) {
  const fresh = useFresh(MONITORING_READS);
  const undoable = useUndoable(MONITORING_READS);
  const params = { monitor: id };
  const setState = (to: Monitor["state"]) => updateMonitor({ project, params, body: { state: to } });
  return {
    toggle: () =>
      undoable({
        act: () => setState(state === "paused" ? "active" : "paused"),
        said: state === "paused" ? `${name} computes again` : `${name} is paused`,
        undo: () => setState(state),
      }),
    run: (windows: "due" | "again") =>
      fresh(() => runMonitor({ project, params, body: { windows } })).then(
        () => toast(`${name} is looked at within seconds`),
        () => undefined,
      ),
  };
}
