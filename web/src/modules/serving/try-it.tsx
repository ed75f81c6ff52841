import type { PredictAnswer, ServingEndpoint } from "@atrium/contract/serving";
import { Play } from "lucide-react";
import { useState } from "react";
import { CopyAsCode, curlOf, shellQuoted } from "../../lib/code.tsx";
import { Field, FormError, useSubmit } from "../../lib/form.tsx";
import { useRefresh } from "../../lib/fresh.ts";
import { useSession } from "../../lib/session.tsx";
import { EmptyState } from "../../lib/states.tsx";
import { AnswerCard } from "./answer-card.tsx";
import { type Instance, instancesOf, isFlat } from "./example.ts";
import { Fills } from "./fills.tsx";
import { RowForm } from "./row-form.tsx";
import { predict } from "./serving-api.ts";
import { predictPath, requestsSnippet } from "./snippets.ts";

/** Parts of the reads that a prediction makes old. */
const PREDICTION_READS = ["/endpoint-stats", "/stats", "/predictions", "/canary"] as const;

interface Shown {
  project: string;
  endpoint: ServingEndpoint;
}

interface Answered {
  answer: PredictAnswer;
  tookMs: number;
}

/** Asks the endpoint with its own example, or with anything else, and shows who answered what. */
export function TryIt({ project, endpoint }: Shown) {
  const { can } = useSession();
  if (!can("endpoint:invoke"))
    return (
      <EmptyState title="Asking is for those who may call endpoints">
        Ask a maintainer for a role that may.
      </EmptyState>
    );
  if (endpoint.routes.length === 0)
    return (
      <EmptyState title="It cannot be asked yet" drawing="flow">
        It has no deployment with traffic. Once one is ready, its own example stands here, filled in.
      </EmptyState>
    );
  // The example comes with the first deployment that gets ready: then the form is filled in anew.
  return <Asking key={JSON.stringify(endpoint.example)} project={project} endpoint={endpoint} />;
}

function Asking({ project, endpoint }: Shown) {
  const refresh = useRefresh(PREDICTION_READS);
  const [text, setText] = useState(() => JSON.stringify(instancesOf(endpoint), null, 2));
  const [wanted, setWanted] = useState<"form" | "json">("form");
  const [filled, setFilled] = useState(0);
  const [answered, setAnswered] = useState<Answered | undefined>();
  const instances = parsed(text);
  const looks = wanted === "form" && instances !== undefined && isFlat(instances) ? "form" : "json";
  const form = useSubmit(async () => {
    if (instances === undefined) throw new Error("That is no JSON list of objects.");
    const startedMs = performance.now();
    const answer = await predict({ project, params: { endpoint: endpoint.name }, body: { instances } });
    setAnswered({ answer, tookMs: performance.now() - startedMs });
    refresh();
  });
  const change = (next: Instance[]) => setText(JSON.stringify(next, null, 2));
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2 lg:grid-rows-[auto_1fr] lg:items-start">
      <form className="card flex min-w-0 flex-col gap-3 p-3" onSubmit={form.onSubmit}>
        <header className="flex items-center gap-2">
          <h2>{endpoint.input.kind === "entities" ? "Entity ids and values" : "The model's inputs"}</h2>
          <LooksChoice looks={looks} onLooks={setWanted} />
        </header>
        <Fills
          project={project}
          endpoint={endpoint}
          onFill={(next) => {
            change(next);
            setFilled(filled + 1);
          }}
        />
        {looks === "form" && instances?.[0] ? (
          <RowForm key={filled} row={instances[0]} onRow={(row) => change([row])} />
        ) : (
          <JsonField text={text} isFine={instances !== undefined ? "yes" : "no"} onText={setText} />
        )}
        <FormError error={form.error} />
        <button type="submit" className="button button-primary self-start" disabled={form.busy}>
          <Play size={14} /> Ask
        </button>
      </form>
      <div className="min-w-0 lg:col-start-2 lg:row-span-2 lg:row-start-1">
        {answered ? (
          <AnswerCard project={project} endpoint={endpoint} {...answered} />
        ) : (
          <p className="rounded-md border border-line border-dashed p-6 text-center text-ink-3">
            The answer appears here: what was predicted, who answered, and the id for feedback.
          </p>
        )}
      </div>
      <section className="min-w-0 lg:col-start-1">
        <h2 className="mb-2">The same as code</h2>
        <CopyAsCode code={codeOf(project, endpoint, instances ?? [{}])} />
      </section>
    </div>
  );
}

function LooksChoice({
  looks,
  onLooks,
}: {
  looks: "form" | "json";
  onLooks: (looks: "form" | "json") => void;
}) {
  return (
    <fieldset className="ml-auto flex gap-1">
      <legend className="sr-only">How to write it</legend>
      {(["form", "json"] as const).map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={looks === one}
          className={`rounded px-2 py-0.5 text-xs ${looks === one ? "bg-hover font-medium" : "text-ink-2 hover:bg-hover"}`}
          onClick={() => onLooks(one)}
        >
          {one === "form" ? "Form" : "JSON"}
        </button>
      ))}
    </fieldset>
  );
}

function JsonField({
  text,
  isFine,
  onText,
}: {
  text: string;
  isFine: "yes" | "no";
  onText: (text: string) => void;
}) {
  return (
    <Field
      label="Instances"
      help="A list of objects, one a prediction."
      error={isFine === "no" ? "That is no JSON list of objects." : undefined}
    >
      {(attributes) => (
        <textarea
          className="field mono"
          {...attributes}
          rows={Math.min(16, Math.max(6, text.split("\n").length))}
          spellCheck={false}
          value={text}
          onChange={(event) => onText(event.target.value)}
        />
      )}
    </Field>
  );
}

function parsed(text: string): Instance[] | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    const list = Array.isArray(value) ? value : [value];
    const objects = list.every((one) => typeof one === "object" && one !== null && !Array.isArray(one));
    return objects && list.length > 0 ? (list as Instance[]) : undefined;
  } catch {
    return undefined; // It is being written.
  }
}

function codeOf(project: string, endpoint: ServingEndpoint, instances: readonly Instance[]) {
  const at = { origin: location.origin, project, endpoint, instances };
  return {
    cli: `atrium predict ${endpoint.name} --project ${project} --instances ${shellQuoted(JSON.stringify(instances))}`,
    python: requestsSnippet(at),
    curl: curlOf(predictPath(at), "POST", { instances }),
  };
}
