import type { NotebookDocument } from "@atrium/contract/notebooks";
import { useState } from "react";
import { CopyAsCode } from "../../lib/code.tsx";
import { Dialog } from "../../lib/dialog.tsx";
import { Field, FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { startRun, useDocument } from "./notebooks-api.ts";
import { type Declared, declaredParameters, shownValue, typedValue } from "./parameters.ts";
import { startRunCode } from "./same-as-code.ts";

type Body = Parameters<typeof startRun>[0]["body"];
type Values = NonNullable<Body["parameters"]>;

/** Runs a notebook as a job, with a field for each parameter that its tagged cell declares. */
export function RunDialog({
  project,
  of,
  given = {},
  onClose,
}: {
  project: string;
  of: { path: string; version?: number | undefined };
  /** Values to begin with, such as those of the run that is run again. */
  given?: Readonly<Record<string, unknown>>;
  onClose: () => void;
}) {
  const { data: document, error } = useDocument(project, of);
  return (
    <Dialog title={`Run ${of.path}`} onClose={onClose}>
      {error && <ErrorState error={error} />}
      {!document && !error && <Skeleton rows={3} />}
      {document && <RunForm project={project} document={document} of={of} given={given} />}
    </Dialog>
  );
}

function RunForm({
  project,
  document,
  of,
  given,
}: {
  project: string;
  document: NotebookDocument;
  of: { path: string; version?: number | undefined };
  given: Readonly<Record<string, unknown>>;
}) {
  const go = useGo();
  const declared = declaredParameters(document.cells);
  const others = Object.keys(given).filter((name) => !declared.some((one) => one.name === name));
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name, shownValue(value)])),
  );
  const [packages, setPackages] = useState("");
  const body: Body = {
    ...of,
    parameters: chosen(declared, texts),
    requirements: packages.split("\n").flatMap((line) => line.trim() || []),
  };
  const form = useSubmit(async () => {
    const run = await startRun({ project, body });
    go(paths.notebookRun(project, run.id));
  });
  return (
    <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
      {declared.length === 0 && (
        <p className="text-ink-2">
          It declares no parameters. Give a cell the tag <code>parameters</code> in JupyterLab, with one
          assignment a line, and each gets a field here.
        </p>
      )}
      {[...declared, ...others.map((name): Declared => ({ name, source: "", note: "" }))].map((one) => (
        <TextField
          key={one.name}
          label={one.name}
          help={[one.note, one.source && `${one.source} when left empty`].filter(Boolean).join(" · ")}
          value={texts[one.name] ?? ""}
          placeholder={shownValue(one.default)}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setTexts((now) => ({ ...now, [one.name]: event.target.value }))}
        />
      ))}
      <Field
        label="Packages"
        help="One requirement a line, beside the platform's own clients."
        error={form.errorAt("requirements")}
      >
        {(attributes) => (
          <textarea
            className="field mono"
            rows={2}
            spellCheck={false}
            placeholder="pandas"
            value={packages}
            onChange={(event) => setPackages(event.target.value)}
            {...attributes}
          />
        )}
      </Field>
      {!form.errorAt("requirements") && <FormError error={form.error} />}
      <details>
        <summary className="text-ink-2">The same as code</summary>
        <div className="pt-2">
          <CopyAsCode code={startRunCode(project, body)} />
        </div>
      </details>
      <button type="submit" className="button button-primary self-end" disabled={form.busy}>
        Run as a job
      </button>
    </form>
  );
}

/** What was typed; an empty field leaves the parameter to the notebook. */
function chosen(declared: readonly Declared[], texts: Readonly<Record<string, string>>): Values {
  const byName = new Map(declared.map((one) => [one.name, one]));
  return Object.fromEntries(
    Object.entries(texts)
      .filter(([, text]) => text.trim() !== "")
      .map(([name, text]) => [name, typedValue(text, byName.get(name)) as Values[string]]),
  );
}
