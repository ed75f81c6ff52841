import { Plus, X } from "lucide-react";
import { SelectField } from "../../lib/form.tsx";
import { plural } from "../../lib/format.ts";
import type { DraftColumn } from "./monitor-defaults.ts";
import type { DraftSegment, MonitorDraft } from "./monitor-draft.ts";

interface Part {
  draft: MonitorDraft;
  onChange: (part: Partial<MonitorDraft>) => void;
}

const SEGMENTS_MAX = 10; // As many as the server takes.

/** Which columns are watched, and as what. */
export function ColumnsTable({ draft, onChange }: Part) {
  const { columns } = draft;
  const change = (name: string, part: Partial<DraftColumn>) =>
    onChange({ columns: columns.map((one) => (one.name === name ? { ...one, ...part } : one)) });
  const watched = columns.filter((column) => column.watched).length;
  return (
    <fieldset className="card min-w-0">
      <legend className="sr-only">Features</legend>
      <p className="flex h-9 items-center border-line border-b px-3 font-medium">
        {plural(watched, "feature")} watched
      </p>
      <ul className="max-h-80 overflow-auto">
        {columns.map(({ name, kind, role, watched: isWatched }) => (
          <li
            key={name}
            className="grid grid-cols-[minmax(0,1fr)_8rem] items-center gap-3 border-line border-b px-3 py-1 last:border-0"
          >
            <label className="flex min-w-0 items-center gap-2">
              <input
                type="checkbox"
                className="accent-(--accent)"
                checked={isWatched}
                onChange={(event) => change(name, { watched: event.target.checked })}
              />
              <span className="truncate" title={name}>
                {name}
              </span>
              {role === "output" && <span className="text-ink-3 text-xs">output</span>}
            </label>
            <select
              className="field !h-7"
              aria-label={`Kind of ${name}`}
              value={kind}
              onChange={(event) => change(name, { kind: event.target.value as DraftColumn["kind"] })}
            >
              <option>number</option>
              <option>category</option>
            </select>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

/** Whether predictions are compared with what came true. */
export function PerformanceFields({ draft, onChange }: Part) {
  const { columns, source, task, prediction, label } = draft;
  const names = columns.map(({ name }) => ({ value: name, title: name }));
  const choice = [{ value: "", title: "Choose a column" }, ...names];
  return (
    <fieldset className="grid gap-4 sm:grid-cols-3">
      <legend className="sr-only">Performance</legend>
      <SelectField
        label="Performance"
        help={
          source.kind === "endpoint"
            ? "Labels come by prediction id, within a week."
            : "Predictions and labels stand in the dataset."
        }
        value={task}
        options={[
          { value: "none", title: "Not computed" },
          { value: "regression", title: "Of numbers" },
          { value: "classification", title: "Of classes" },
        ]}
        onChange={(event) => onChange({ task: event.target.value as MonitorDraft["task"] })}
      />
      {task !== "none" && (
        <SelectField
          label="Prediction"
          required
          value={prediction}
          options={choice}
          onChange={(event) => onChange({ prediction: event.target.value })}
        />
      )}
      {task !== "none" && source.kind === "dataset" && (
        <SelectField
          label="Label"
          required
          value={label}
          options={choice}
          onChange={(event) => onChange({ label: event.target.value })}
        />
      )}
    </fieldset>
  );
}

/** Parts of the rows that are judged by themselves, too. */
export function SegmentFields({ draft, onChange }: Part) {
  const { segments, columns } = draft;
  const change = (at: number, part: Partial<DraftSegment>) =>
    onChange({ segments: segments.map((one, index) => (index === at ? { ...one, ...part } : one)) });
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">Segments</legend>
      {segments.map(({ name, column, values }, index) => (
        <div key={index} className="flex flex-wrap items-center gap-2">
          <input
            className="field max-w-40"
            aria-label={`Name of segment ${index + 1}`}
            placeholder="west-coast"
            required
            pattern="[a-z0-9][a-z0-9\-]{0,62}"
            title="1 to 63 of a–z, 0–9 and -"
            value={name}
            onChange={(event) => change(index, { name: event.target.value })}
          />
          where
          <select
            className="field !w-auto"
            aria-label={`Column of segment ${index + 1}`}
            value={column}
            onChange={(event) => change(index, { column: event.target.value })}
          >
            {columns.map((one) => (
              <option key={one.name}>{one.name}</option>
            ))}
          </select>
          is one of
          <input
            className="field max-w-60"
            aria-label={`Values of segment ${index + 1}`}
            placeholder="SEA, SFO, LAX"
            required
            value={values}
            onChange={(event) => change(index, { values: event.target.value })}
          />
          <button
            type="button"
            className="button button-plain button-icon"
            aria-label={`Leave segment ${index + 1} out`}
            onClick={() => onChange({ segments: segments.filter((_, at) => at !== index) })}
          >
            <X size={14} />
          </button>
        </div>
      ))}
      {segments.length < SEGMENTS_MAX && (
        <button
          type="button"
          className="button self-start"
          onClick={() =>
            onChange({ segments: [...segments, { name: "", column: columns[0]?.name ?? "", values: "" }] })
          }
        >
          <Plus size={14} /> Judge a part of the rows by itself
        </button>
      )}
    </fieldset>
  );
}
