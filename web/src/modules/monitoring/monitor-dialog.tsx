import type { Monitor } from "@atrium/contract/monitoring";
import { useState } from "react";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { MONITORING_READS, updateMonitor } from "./monitoring-api.ts";

const HOUR_MS = 3_600_000;

/** Changes what may change without making another monitor of it. */
export function MonitorDialog({
  project,
  monitor,
  onClose,
}: {
  project: string;
  monitor: Monitor;
  onClose: () => void;
}) {
  const go = useGo();
  const fresh = useFresh(MONITORING_READS);
  const [given, setGiven] = useState({
    name: monitor.name,
    description: monitor.description,
    rowsMin: String(monitor.rowsMin),
    graceHours: String(monitor.graceMs / HOUR_MS),
  });
  const form = useSubmit(async () => {
    const rowsMin = Number(given.rowsMin);
    const graceMs = Math.round(Number(given.graceHours) * HOUR_MS);
    const body = {
      ...(given.name === monitor.name ? {} : { name: given.name }),
      ...(given.description === monitor.description ? {} : { description: given.description }),
      // Saying either computes every window anew, so they are sent only when they change.
      ...(rowsMin === monitor.rowsMin ? {} : { rowsMin }),
      ...(graceMs === monitor.graceMs ? {} : { graceMs }),
    };
    await fresh(() => updateMonitor({ project, params: { monitor: monitor.id }, body }));
    if (body.name !== undefined) go(paths.monitor(project, body.name), "replace");
    onClose();
  });
  const set = (change: Partial<typeof given>) => setGiven({ ...given, ...change });
  return (
    <Dialog title={`Edit ${monitor.name}`} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="Name"
          required
          maxLength={120}
          value={given.name}
          error={form.errorAt("name")}
          onChange={(event) => set({ name: event.target.value })}
        />
        <TextField
          label="Description"
          maxLength={2000}
          value={given.description}
          onChange={(event) => set({ description: event.target.value })}
        />
        <TextField
          label="Rows that drift needs"
          type="number"
          min={1}
          max={1_000_000}
          required
          help="A window with fewer says insufficient. Another number computes all windows anew."
          value={given.rowsMin}
          error={form.errorAt("rowsMin")}
          onChange={(event) => set({ rowsMin: event.target.value })}
        />
        <TextField
          label="Labels may be late by, in hours"
          type="number"
          min={0}
          max={366 * 24}
          step="any"
          required
          help="Until then a window's performance may change. Another number computes all windows anew."
          value={given.graceHours}
          error={form.errorAt("graceMs")}
          onChange={(event) => set({ graceHours: event.target.value })}
        />
        <FormError error={form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy}>
          Save
        </button>
      </form>
    </Dialog>
  );
}
