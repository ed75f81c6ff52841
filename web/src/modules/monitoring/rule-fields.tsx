import type { AlertRule, Monitor, MonitorMetric } from "@atrium/contract/monitoring";
import { Field, SelectField, TextField } from "../../lib/form.tsx";
import { useSession } from "../../lib/session.tsx";
import { usePipelines } from "../pipelines/pipelines-api.ts";
import { metricWords, proposed } from "./metric-words.ts";
import { useChannels } from "./monitoring-api.ts";
import { isOfColumn, METRIC_GROUPS, namePlaceholder, type RuleDraft } from "./rule-draft.ts";
import { segmentNames } from "./use-chosen-window.ts";

const SEVERITIES: readonly AlertRule["severity"][] = ["info", "warning", "critical"];

interface Part {
  draft: RuleDraft;
  onChange: (part: Partial<RuleDraft>) => void;
  errorAt: (field: string) => string | undefined;
}

/** When it alarms. */
export function RuleCondition({ monitor, draft, onChange, errorAt }: Part & { monitor: Monitor }) {
  const segments = segmentNames(monitor);
  return (
    <fieldset className="flex min-w-0 flex-col gap-3">
      <legend className="sr-only">When it alarms</legend>
      <Field label="Metric" help={metricWords(draft.metric).words}>
        {(attributes) => (
          <select
            {...attributes}
            className="field"
            value={draft.metric}
            onChange={(event) => {
              const metric = event.target.value as MonitorMetric;
              const { comparison, threshold } = proposed(metric, undefined);
              onChange({ metric, comparison, threshold: String(threshold) });
            }}
          >
            {METRIC_GROUPS.map(({ title, metrics }) => (
              <optgroup key={title} label={title}>
                {metrics.map((metric) => (
                  <option key={metric} value={metric}>
                    {metricWords(metric).title}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        )}
      </Field>
      {isOfColumn(draft.metric) && (
        <SelectField
          label="Feature"
          value={draft.column}
          options={[
            { value: "", title: "Any: the worst counts" },
            ...monitor.columns.map(({ name }) => ({ value: name, title: name })),
          ]}
          onChange={(event) => onChange({ column: event.target.value })}
        />
      )}
      {segments.length > 1 && (
        <SelectField
          label="Segment"
          value={draft.segment}
          options={segments.map((name) => ({ value: name, title: name === "all" ? "All rows" : name }))}
          onChange={(event) => onChange({ segment: event.target.value })}
        />
      )}
      <div className="grid grid-cols-2 gap-3">
        <SelectField
          label="Is"
          value={draft.comparison}
          options={[
            { value: "above", title: "above" },
            { value: "below", title: "below" },
          ]}
          onChange={(event) => onChange({ comparison: event.target.value as RuleDraft["comparison"] })}
        />
        <TextField
          label="Threshold"
          inputMode="decimal"
          required
          pattern="-?[0-9]*\.?[0-9]+(e-?[0-9]+)?"
          help={metricWords(draft.metric).unit === "share" ? "From 0 to 1" : undefined}
          value={draft.threshold}
          error={errorAt("threshold")}
          onChange={(event) => onChange({ threshold: event.target.value })}
        />
        <TextField
          label="For windows in a row"
          type="number"
          min={1}
          max={50}
          required
          value={draft.windows}
          error={errorAt("windows")}
          onChange={(event) => onChange({ windows: event.target.value })}
        />
        <TextField
          label="Clears at"
          inputMode="decimal"
          placeholder={draft.threshold}
          help="Back to normal only beyond this"
          value={draft.clearThreshold}
          error={errorAt("clearThreshold")}
          onChange={(event) => onChange({ clearThreshold: event.target.value })}
        />
      </div>
    </fieldset>
  );
}

/** What comes of it: a name, how grave it is, who hears of it, what it starts. */
export function RuleConsequences({ project, draft, onChange, errorAt }: Part & { project: string }) {
  const channels = useChannels(project);
  return (
    <fieldset className="flex min-w-0 flex-col gap-3">
      <legend className="sr-only">What comes of it</legend>
      <TextField
        label="Name"
        maxLength={120}
        placeholder={namePlaceholder(draft)}
        value={draft.name}
        error={errorAt("name")}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <SelectField
        label="Severity"
        value={draft.severity}
        options={SEVERITIES.map((value) => ({ value, title: value }))}
        onChange={(event) => onChange({ severity: event.target.value as RuleDraft["severity"] })}
      />
      <fieldset className="flex flex-col gap-1">
        <legend className="font-medium">Tells</legend>
        {channels.rows.length === 0 && (
          <p className="text-ink-3 text-xs">No channel yet; add one under Monitoring, Channels.</p>
        )}
        {channels.rows.map(({ id, name }) => (
          <label key={id} className="flex items-center gap-2">
            <input
              type="checkbox"
              className="accent-(--accent)"
              checked={draft.channels.includes(id)}
              onChange={(event) =>
                onChange({
                  channels: event.target.checked
                    ? [...draft.channels, id]
                    : draft.channels.filter((one) => one !== id),
                })
              }
            />
            {name}
          </label>
        ))}
      </fieldset>
      <Action project={project} draft={draft} onChange={onChange} errorAt={errorAt} />
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="accent-(--accent)"
          checked={draft.enabled}
          onChange={(event) => onChange({ enabled: event.target.checked })}
        />
        On: it judges every window
      </label>
    </fieldset>
  );
}

function Action({ project, draft, onChange, errorAt }: Part & { project: string }) {
  const { can } = useSession();
  const { rows } = usePipelines(project);
  if (!can("pipeline:write")) return null;
  const names = rows.map(({ name }) => name);
  const known = draft.pipeline === "" || names.includes(draft.pipeline) ? names : [draft.pipeline, ...names];
  return (
    <>
      <SelectField
        label="Starts a pipeline"
        help="In your name, once an incident; its run and the incident know each other."
        value={draft.pipeline}
        options={[{ value: "", title: "Nothing" }, ...known.map((name) => ({ value: name, title: name }))]}
        onChange={(event) => onChange({ pipeline: event.target.value })}
      />
      {draft.pipeline !== "" && (
        <TextField
          label="With parameters"
          className="field font-mono"
          spellCheck={false}
          value={draft.parameters}
          error={errorAt("parameters")}
          onChange={(event) => onChange({ parameters: event.target.value })}
        />
      )}
    </>
  );
}
