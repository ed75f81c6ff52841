import type { Monitor } from "@atrium/contract/monitoring";
import { useState } from "react";
import { CopyAsCode } from "../../lib/code.tsx";
import { FormError, SelectField, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { WINDOW_LENGTHS } from "./monitor-defaults.ts";
import { type MonitorDraft, settingsOf } from "./monitor-draft.ts";
import { createMonitor, createRule, MONITORING_READS } from "./monitoring-api.ts";
import { ColumnsTable, PerformanceFields, SegmentFields } from "./new-monitor-parts.tsx";
import { newMonitorCode } from "./same-as-code.ts";
import { lengthWords, windowWords } from "./window-words.ts";

const FIRST_RULE = {
  name: "a feature drifts",
  metric: "psi" as const,
  segment: "all",
  comparison: "above" as const,
  threshold: 0.25,
  windows: 2,
  severity: "warning" as const,
  channels: [],
  enabled: true,
};

/** What is watched, against what, how finely; everything is proposed and can be changed. */
export function NewMonitorForm({ project, start }: { project: string; start: MonitorDraft }) {
  const go = useGo();
  const fresh = useFresh(MONITORING_READS);
  const [draft, setDraft] = useState(start);
  const change = (part: Partial<MonitorDraft>) => setDraft({ ...draft, ...part });
  const body = settingsOf(draft);
  const form = useSubmit(async () => {
    await fresh(async () => {
      const monitor = await createMonitor({ project, body });
      if (draft.alarm === "psi")
        await createRule({ project, body: { monitorId: monitor.id, ...FIRST_RULE } });
      go(paths.monitor(project, monitor.name));
    });
  });
  return (
    <form className="flex flex-col gap-4" onSubmit={form.onSubmit}>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Name"
          required
          maxLength={120}
          value={draft.name}
          error={form.errorAt("name")}
          onChange={(event) => change({ name: event.target.value })}
        />
        <Against draft={draft} onChange={change} />
        <SelectField
          label="Windows of"
          help="Each is judged by itself; a drift is seen when its window has ended."
          value={String(draft.windowMs)}
          options={WINDOW_LENGTHS.map((length) => ({ value: String(length), title: lengthWords(length) }))}
          onChange={(event) => change({ windowMs: Number(event.target.value) })}
        />
        <TextField
          label="Rows that drift needs"
          type="number"
          min={1}
          max={1_000_000}
          required
          help="A window with fewer says insufficient, and no number."
          value={draft.rowsMin}
          error={form.errorAt("rowsMin")}
          onChange={(event) => change({ rowsMin: event.target.value })}
        />
        <RowTime draft={draft} onChange={change} />
      </div>
      <ColumnsTable draft={draft} onChange={change} />
      <PerformanceFields draft={draft} onChange={change} />
      <SegmentFields draft={draft} onChange={change} />
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="accent-(--accent)"
          checked={draft.alarm === "psi"}
          onChange={(event) => change({ alarm: event.target.checked ? "psi" : "none" })}
        />
        Alarm when PSI of any feature is above 0.25 for two windows
      </label>
      <FormError error={form.error} />
      <button
        type="submit"
        className="button button-primary self-start"
        disabled={form.busy || body.columns.length === 0}
      >
        Start watching
      </button>
      <section className="card p-3">
        <h2 className="mb-2">The same as code</h2>
        <CopyAsCode code={newMonitorCode(project, body)} />
      </section>
    </form>
  );
}

/** Which column of a dataset says when a row was. */
function RowTime({
  draft: { source, times },
  onChange,
}: {
  draft: MonitorDraft;
  onChange: (part: Partial<MonitorDraft>) => void;
}) {
  if (source.kind !== "dataset") return null;
  return (
    <SelectField
      label="Time of a row"
      value={source.timeColumn}
      options={times.map((name) => ({ value: name, title: name }))}
      onChange={(event) => onChange({ source: { ...source, timeColumn: event.target.value } })}
    />
  );
}

/** What the windows are compared with: one of those that are known to fit. */
function Against({
  draft,
  onChange,
}: {
  draft: MonitorDraft;
  onChange: (part: Partial<MonitorDraft>) => void;
}) {
  return (
    <SelectField
      label="Against"
      help="Read once and kept, so that windows stay comparable."
      value={String(draft.references.indexOf(draft.reference))}
      options={draft.references.map((reference, index) => ({
        value: String(index),
        title: referenceWords(reference),
      }))}
      onChange={(event) => {
        const reference = draft.references[Number(event.target.value)];
        if (reference) onChange({ reference });
      }}
    />
  );
}

function referenceWords(reference: Monitor["reference"]): string {
  if (reference.kind === "dataset") return `dataset ${reference.dataset} v${reference.version}`;
  if (reference.kind === "training-set") return `training set ${reference.trainingSet} #${reference.number}`;
  return `its own ${windowWords({ startMs: reference.fromMs, endMs: reference.toMs })}`;
}
