import type { EndpointInput, ServingEndpoint } from "@atrium/contract/serving";
import { useState } from "react";
import { CopyAsCode } from "../../lib/code.tsx";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, SelectField, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { EndpointField, type InputDraft, InputFields, inputOf } from "./endpoint-fields.tsx";
import { ModelFields } from "./model-fields.tsx";
import { deployCode } from "./same-as-code.ts";
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

/** Serves a model version at an endpoint, which is made when it is not there. */
export function DeployDialog({
  project,
  endpoint,
  model = "",
  version = "",
  onClose,
}: {
  project: string;
  /** When that is settled. */
  endpoint?: ServingEndpoint;
  model?: string | undefined;
  /** A number, or `@` and an alias. */
  version?: string | undefined;
  onClose: () => void;
}) {
  const go = useGo();
  const fresh = useFresh(SERVING_READS);
  const { rows } = useEndpoints(project);
  const [name, setName] = useState(endpoint?.name ?? model.replaceAll(/[^A-Za-z0-9._-]+/g, "-"));
  const [chosen, setChosen] = useState({ model, version });
  const [engine, setEngine] = useState("");
  const [copies, setCopies] = useState("1");
  const [weight, setWeight] = useState<string | undefined>();
  const [input, setInput] = useState<InputDraft>({ kind: "direct", service: "", values: "" });
  const known = endpoint ?? rows.find((one) => one.name === name.trim());
  const usual = known && known.routes.length > 0 ? CANARY_WEIGHT : 100;
  const uri = uriOf(chosen);
  const asked = {
    endpoint: name.trim(),
    model: uri,
    engine,
    weight: Number(weight ?? usual),
    copies: Number(copies),
  };
  const form = useSubmit(async () => {
    await fresh(async () => {
      if (known === undefined)
        await createEndpoint({
          project,
          body: { name: asked.endpoint, input: inputOf(input) as EndpointInput },
        });
      await deploy({
        project,
        params: { endpoint: asked.endpoint },
        body: {
          model: uri,
          weight: asked.weight,
          settings: { copies: asked.copies },
          ...(engine === "" ? {} : { engine: engine as Engine }),
        },
      });
    });
    onClose();
    go(paths.endpoint(project, asked.endpoint));
  });
  return (
    <Dialog title={endpoint ? `Deploy to ${endpoint.name}` : "Deploy a model"} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        {!endpoint && (
          <EndpointField
            name={name}
            known={rows.map((one) => one.name)}
            error={form.errorAt("name")}
            onName={setName}
          />
        )}
        <ModelFields project={project} chosen={chosen} error={form.errorAt("model")} onChosen={setChosen} />
        {!known && name.trim() !== "" && <InputFields project={project} draft={input} onDraft={setInput} />}
        <SelectField
          label="Engine"
          value={engine}
          options={ENGINES}
          onChange={(event) => setEngine(event.target.value)}
        />
        <div className="grid grid-cols-2 gap-3">
          <TextField
            label="Share of the traffic, %"
            help="Once it is ready; the others share the rest."
            type="number"
            min={0}
            max={100}
            required
            value={weight ?? String(usual)}
            onChange={(event) => setWeight(event.target.value)}
          />
          <TextField
            label="Copies"
            help="Processes that hold the model."
            type="number"
            min={1}
            max={COPIES_MAX}
            required
            value={copies}
            onChange={(event) => setCopies(event.target.value)}
          />
        </div>
        <FormError error={form.errorAt("name") || form.errorAt("model") ? undefined : form.error} />
        <button
          type="submit"
          className="button button-primary self-end"
          disabled={form.busy || uri === "" || asked.endpoint === ""}
        >
          Deploy
        </button>
      </form>
      {uri !== "" && asked.endpoint !== "" && (
        <details className="mt-3">
          <summary className="text-ink-2">The same as code</summary>
          <div className="mt-2">
            <CopyAsCode code={deployCode(project, asked)} />
          </div>
        </details>
      )}
    </Dialog>
  );
}

function uriOf({ model, version }: { model: string; version: string }): string {
  if (model === "" || version === "") return "";
  return version.startsWith("@") ? `models:/${model}${version}` : `models:/${model}/${version}`;
}
