import type { artifactsApi } from "@atrium/contract/artifacts";
import { operation, useApi } from "../../lib/api.ts";
import { type SignatureField, signatureOf } from "./signature.ts";

const preview = operation<(typeof artifactsApi)["preview"]>("GET /artifacts/preview");

/** What the model takes and gives, from its MLmodel file. Draws nothing when there is no such file or no signature. */
export function SignatureCard({
  project,
  artifactPath,
}: {
  project: string;
  artifactPath: string | undefined;
}) {
  const path = `${artifactPath}/MLmodel`;
  const { data } = useApi(
    preview,
    { project, query: { path } },
    { enabled: artifactPath !== undefined, retry: false },
  );
  const signature = data?.text === undefined ? undefined : signatureOf(data.text);
  if (!signature) return null;
  return (
    <section className="card min-w-0">
      <h2 className="flex h-9 items-center border-line border-b px-3">Signature</h2>
      <div className="grid gap-4 p-3 sm:grid-cols-2">
        <Fields title="Takes" fields={signature.inputs} />
        <Fields title="Gives" fields={signature.outputs} />
        {signature.params.length > 0 && <Fields title="Settings" fields={signature.params} />}
      </div>
    </section>
  );
}

function Fields({ title, fields }: { title: string; fields: readonly SignatureField[] }) {
  return (
    <div className="min-w-0">
      <h3 className="mb-1 text-ink-3 text-xs">
        {title} <span className="nums">{fields.length}</span>
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long list scrolls, so the keyboard must reach it. */}
      <ul className="flex max-h-64 flex-col gap-1 overflow-auto" tabIndex={0}>
        {fields.map((field) => (
          <li key={field.name} className="flex items-baseline gap-2">
            <code className="min-w-0 flex-1 truncate" title={field.name}>
              {field.name}
              {field.required === "optional" && <span className="text-ink-3">?</span>}
            </code>
            <code className="text-ink-3">{field.type}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
