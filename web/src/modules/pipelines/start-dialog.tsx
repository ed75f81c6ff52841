import type { PipelineParameter } from "@atrium/contract/pipelines";
import { useState } from "react";
import { Dialog } from "../../lib/dialog.tsx";
import { Field, FormError, SelectField, TextField, useSubmit } from "../../lib/form.tsx";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { parseValue, textOf } from "./parameter-text.ts";
import { startRun, useVersions } from "./pipelines-api.ts";

interface From {
  versionId?: string | undefined;
  /** Values to begin with, such as those of the run that is run again. */
  parameters?: Readonly<Record<string, unknown>>;
}

/** Starts a version with the parameters that it asks for, each with its kind, default and choices. */
export function StartDialog({
  project,
  pipeline,
  from = {},
  onClose,
}: {
  project: string;
  pipeline: { id: string; name: string };
  from?: From;
  onClose: () => void;
}) {
  const { rows, error, isPending } = useVersions(project, pipeline.id);
  const [wanted, setWanted] = useState(from.versionId);
  const version = rows.find((one) => one.id === wanted) ?? rows[0];
  return (
    <Dialog title={`Run ${pipeline.name}`} onClose={onClose}>
      {error && <ErrorState error={error} />}
      {isPending && <Skeleton rows={3} />}
      {!isPending && !version && <p>This pipeline has no version; upload one first.</p>}
      {version && (
        <div className="flex flex-col gap-3">
          {rows.length > 1 && (
            <SelectField
              label="Version"
              value={version.id}
              options={rows.map((one, at) => ({
                value: one.id,
                title: `${one.displayName || one.name}${at === 0 ? " (newest)" : ""}`,
              }))}
              onChange={(event) => setWanted(event.target.value)}
            />
          )}
          <StartForm
            key={version.id}
            project={project}
            of={{ pipeline: pipeline.id, versionId: version.id }}
            parameters={version.parameters}
            given={from.parameters ?? {}}
          />
        </div>
      )}
    </Dialog>
  );
}

function StartForm({
  project,
  of,
  parameters,
  given,
}: {
  project: string;
  of: { pipeline: string; versionId: string };
  parameters: readonly PipelineParameter[];
  given: Readonly<Record<string, unknown>>;
}) {
  const go = useGo();
  const [name, setName] = useState("");
  const [cache, setCache] = useState<"as-compiled" | "off">("as-compiled");
  const [texts, setTexts] = useState<Record<string, string>>(() =>
    Object.fromEntries(parameters.map((one) => [one.name, textOf(given[one.name] ?? one.default, one.kind)])),
  );
  const [problems, setProblems] = useState<Record<string, string>>({});
  const submit = useSubmit(async () => {
    const { values, problems: found } = read(parameters, texts);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    const body = { ...of, cache, parameters: values, ...(name.trim() ? { name: name.trim() } : {}) };
    const run = await startRun({ project, body });
    go(paths.pipelineRun(project, run.id));
  });
  return (
    <form onSubmit={submit.onSubmit} className="flex flex-col gap-3">
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          text={texts[parameter.name] ?? ""}
          problem={problems[parameter.name]}
          onText={(text) => setTexts((now) => ({ ...now, [parameter.name]: text }))}
        />
      ))}
      <TextField
        label="Name of the run"
        help="The pipeline's name and the time, when left empty."
        value={name}
        maxLength={128}
        error={submit.errorAt("name")}
        onChange={(event) => setName(event.target.value)}
      />
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="accent-(--accent)"
          checked={cache === "off"}
          onChange={(event) => setCache(event.target.checked ? "off" : "as-compiled")}
        />
        Run every step, whatever earlier runs have stored
      </label>
      <FormError error={submit.error} />
      <button type="submit" className="button button-primary self-end" disabled={submit.busy}>
        Start the run
      </button>
    </form>
  );
}

function ParameterField({
  parameter,
  text,
  problem,
  onText,
}: {
  parameter: PipelineParameter;
  text: string;
  problem: string | undefined;
  onText: (text: string) => void;
}) {
  const { name, kind, description, required, choices } = parameter;
  const help = [description, required ? `${kind}, needed` : kind].filter(Boolean).join(" · ");
  const offered = choices ?? (kind === "boolean" ? [true, false] : undefined);
  if (offered)
    return (
      <SelectField
        label={name}
        help={problem ?? help}
        value={text}
        onChange={(event) => onText(event.target.value)}
        options={[
          ...(required && text !== "" ? [] : [{ value: "", title: required ? "Choose" : "The default" }]),
          ...offered.map((one) => ({ value: textOf(one, kind), title: textOf(one, kind) })),
        ]}
      />
    );
  if (kind === "list" || kind === "object")
    return (
      <Field label={name} help={help} error={problem}>
        {(attributes) => (
          <textarea
            className="field mono"
            rows={3}
            spellCheck={false}
            value={text}
            onChange={(event) => onText(event.target.value)}
            {...attributes}
          />
        )}
      </Field>
    );
  const numeric = kind === "integer" || kind === "number";
  return (
    <TextField
      label={name}
      help={help}
      error={problem}
      value={text}
      inputMode={numeric ? "decimal" : "text"}
      spellCheck={false}
      onChange={(event) => onText(event.target.value)}
    />
  );
}

type Values = NonNullable<Parameters<typeof startRun>[0]["body"]["parameters"]>;

function read(
  parameters: readonly PipelineParameter[],
  texts: Readonly<Record<string, string>>,
): { values: Values; problems: Record<string, string> } {
  const values: Values = {};
  const problems: Record<string, string> = {};
  for (const parameter of parameters) {
    const found = parseValue(texts[parameter.name] ?? "", parameter);
    if (found === "left out") continue;
    if ("problem" in found) problems[parameter.name] = found.problem;
    else values[parameter.name] = found.value as Values[string];
  }
  return { values, problems };
}
