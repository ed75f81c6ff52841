import type { ServingEndpoint } from "@atrium/contract/serving";
import { useState } from "react";
import { CopyAsCode } from "../../lib/code.tsx";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, SelectField, TextField, useSubmit } from "../../lib/form.tsx";
import { useRefresh } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { EndpointField, type InputDraft, InputFields, inputOf } from "./endpoint-fields.tsx";
import { ModelFields } from "./model-fields.tsx";
import { type DeployAsked, deployCode } from "./same-as-code.ts";
import { createEndpoint, deploy, SERVING_READS, useEndpoints } from "./serving-api.ts";

const COPIES_MAX = 16;
/** What a second version gets at first: enough to be judged by, little enough to do no harm. */
const CANARY_WEIGHT = 10;
const ENGINES = [
  { value: "", title: "What the model has, ONNX first" },
  { value: "onnx", title: "ONNX Runtime" },
  { value: "pyfunc", title: "Python (MLflow pyfunc)" },
];
type Engine = "onnx" | "pyfunc";

interface DeployProps {
  project: string;
  /** When that is settled. */
  endpoint?: ServingEndpoint;
  model?: string | undefined;
  /** A number, or `@` and an alias. */
  version?: string | undefined;
  onClose: () => void;
}

/** Serves a model version at an endpoint, which is made when it is not there. */
export function DeployDialog(props: DeployProps) {
  const { project, endpoint, onClose } = props;
  const { draft, change, known, asked, isWhole, form } = useDeploy(props);
  return (
    <Dialog title={endpoint ? `Deploy to ${endpoint.name}` : "Deploy a model"} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        {!endpoint && (
          <EndpointField
            name={draft.name}
            known={known.names}
            error={form.errorAt("name")}
            onName={(name) => change({ name })}
          />
        )}
        <ModelFields
          project={project}
          chosen={draft.chosen}
          error={form.errorAt("model")}
          onChosen={(chosen) => change({ chosen })}
        />
        {!known.endpoint && asked.endpoint !== "" && (
          <InputFields project={project} draft={draft.input} onDraft={(input) => change({ input })} />
        )}
        <SelectField
          label="Engine"
          value={draft.engine}
          options={ENGINES}
          onChange={(event) => change({ engine: event.target.value })}
        />
        <div className="grid grid-cols-2 gap-3">
          <TextField
            label="Share of the traffic, %"
            help="Once it is ready; the others share the rest."
            type="number"
            min={0}
            max={100}
            required
            value={draft.weight ?? String(asked.weight)}
            onChange={(event) => change({ weight: event.target.value })}
          />
          <TextField
            label="Copies"
            help="Processes that hold the model."
            type="number"
            min={1}
            max={COPIES_MAX}
            required
            value={draft.copies}
            onChange={(event) => change({ copies: event.target.value })}
          />
        </div>
        <FormError error={form.errorAt("name") || form.errorAt("model") ? undefined : form.error} />
        <button
          type="submit"
          className="button button-primary self-end"
          disabled={form.busy || isWhole === "no"}
        >
          Deploy
        </button>
      </form>
      {isWhole === "yes" && <CodeBelow project={project} asked={asked} />}
    </Dialog>
  );
}

function CodeBelow({ project, asked }: { project: string; asked: DeployAsked }) {
  return (
    <details className="mt-3">
      <summary className="text-ink-2">The same as code</summary>
      <div className="mt-2">
        <CopyAsCode code={deployCode(project, asked)} />
      </div>
    </details>
  );
}

interface Draft {
  name: string;
  chosen: { model: string; version: string };
  engine: string;
  copies: string;
  /** As typed; the usual share until then. */
  weight: string | undefined;
  input: InputDraft;
}

/** What is being filled in, and what it asks the server for. */
function useDeploy({ project, endpoint, model = "", version = "", onClose }: DeployProps) {
  const go = useGo();
  const refresh = useRefresh(SERVING_READS);
  const { rows } = useEndpoints(project);
  const [draft, setDraft] = useState<Draft>({
    // A model's own name is what its first endpoint is usually called.
    name: endpoint?.name ?? model.replaceAll(/[^A-Za-z0-9._-]+/g, "-"),
    chosen: { model, version },
    engine: "",
    copies: "1",
    weight: undefined,
    input: { kind: "direct", service: "", values: "" },
  });
  const found = endpoint ?? rows.find((one) => one.name === draft.name.trim());
  const usual = found && found.routes.length > 0 ? CANARY_WEIGHT : 100;
  const asked = {
    endpoint: draft.name.trim(),
    model: uriOf(draft.chosen),
    engine: draft.engine,
    weight: Number(draft.weight ?? usual),
    copies: Number(draft.copies),
  };
  const form = useSubmit(async () => {
    const input = found ? undefined : inputOf(draft.input);
    try {
      if (input) await createEndpoint({ project, body: { name: asked.endpoint, input } });
      await deploy({ project, params: { endpoint: asked.endpoint }, body: bodyOf(asked) });
    } finally {
      refresh(); // The endpoint may have been made although its deployment was refused.
    }
    onClose();
    go(paths.endpoint(project, asked.endpoint));
  });
  return {
    draft,
    change: (part: Partial<Draft>) => setDraft({ ...draft, ...part }),
    known: { endpoint: found, names: rows.map((one) => one.name) },
    asked,
    isWhole: asked.model !== "" && asked.endpoint !== "" ? ("yes" as const) : ("no" as const),
    form,
  };
}

function bodyOf({ model, weight, copies, engine }: DeployAsked) {
  return { model, weight, settings: { copies }, ...(engine === "" ? {} : { engine: engine as Engine }) };
}

function uriOf({ model, version }: { model: string; version: string }): string {
  if (model === "" || version === "") return "";
  return version.startsWith("@") ? `models:/${model}${version}` : `models:/${model}/${version}`;
}
