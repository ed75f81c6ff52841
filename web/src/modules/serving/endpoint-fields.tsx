import type { EndpointInput } from "@atrium/contract/serving";
import { Field, SelectField, TextField } from "../../lib/form.tsx";
import { useServices } from "../feature-store/features-api.ts";

export interface InputDraft {
  kind: "direct" | "entities";
  service: string;
  /** `hour:number, carrier:string`, as people write it. */
  values: string;
}

const TYPES = ["string", "number", "boolean"] as const;

/** How a new endpoint is asked, as the form says it. @throws Error in words for whoever filled it in */
export function inputOf({ kind, service, values }: InputDraft): EndpointInput {
  if (kind === "direct") return { kind };
  if (service === "") throw new Error("Choose the feature service that the endpoint joins.");
  const requestValues = values
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const [name = "", written = "number"] = part.split(":").map((word) => word.trim());
      const type = TYPES.find((one) => one === written);
      if (type === undefined) throw new Error(`${name} is no ${written}: write string, number or boolean.`);
      return { name, type };
    });
  return { kind, featureService: service, requestValues };
}

export function EndpointField({
  name,
  known,
  error,
  onName,
}: {
  name: string;
  known: readonly string[];
  error: string | undefined;
  onName: (name: string) => void;
}) {
  const isNew = name.trim() !== "" && !known.includes(name.trim());
  return (
    <Field
      label="Endpoint"
      help={isNew ? `${name.trim()} is new and is made now.` : "A known endpoint gets one deployment more."}
      error={error}
    >
      {(attributes) => (
        <>
          <input
            className="field"
            {...attributes}
            list="known-endpoints"
            required
            maxLength={63}
            placeholder="flight-delay"
            value={name}
            onChange={(event) => onName(event.target.value)}
          />
          <datalist id="known-endpoints">
            {known.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

export function InputFields({
  project,
  draft,
  onDraft,
}: {
  project: string;
  draft: InputDraft;
  onDraft: (draft: InputDraft) => void;
}) {
  const { rows: services } = useServices(project);
  return (
    <>
      <SelectField
        label="Asked by"
        value={draft.kind}
        options={[
          { value: "direct", title: "The model's inputs" },
          { value: "entities", title: "Entity ids; features are joined" },
        ]}
        onChange={(event) => onDraft({ ...draft, kind: event.target.value as InputDraft["kind"] })}
      />
      {draft.kind === "entities" && (
        <>
          <SelectField
            label="Feature service"
            value={draft.service}
            options={[
              { value: "", title: services.length === 0 ? "This project has none yet" : "Choose one" },
              ...services.map(({ name }) => ({ value: name, title: name })),
            ]}
            onChange={(event) => onDraft({ ...draft, service: event.target.value })}
          />
          <TextField
            label="Values that come with the request"
            help="What the model takes beside features, as name:type; string, number or boolean."
            placeholder="hour:number, carrier:string"
            value={draft.values}
            onChange={(event) => onDraft({ ...draft, values: event.target.value })}
          />
        </>
      )}
    </>
  );
}
