import type { featureStoreApi, View } from "@atrium/contract/feature-store";
import { CircleCheck, CircleDashed, CircleSlash, Hourglass, Search } from "lucide-react";
import { useState } from "react";
import type { Answer } from "../../lib/api.ts";
import { CopyAsCode, type SameAsCode } from "../../lib/code.tsx";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { formatNumber } from "../../lib/format.ts";
import { useUrl } from "../../lib/url.ts";
import { Ago } from "../../lib/words.tsx";
import { typedKeys } from "./same-as-code.ts";

type Values = Answer<(typeof featureStoreApi)["readView"]>;
type FeatureColumn = Values["columns"][number];
type FeatureState = FeatureColumn["statuses"][number];

/** Asks for one entity's online values, and tells for each whether it is there, and of when it is. */
export function ValuesForm({
  joinKeys,
  read,
  code,
}: {
  joinKeys: View["joinKeys"];
  read: (keys: Record<string, string | number>) => Promise<Values>;
  code: (keys: Record<string, string>) => SameAsCode;
}) {
  const [url, setUrl] = useUrl();
  const asked = Object.fromEntries(joinKeys.map(({ name }) => [name, url[`key.${name}`] ?? ""]));
  const [keys, setKeys] = useState<Record<string, string>>(asked);
  const [answer, setAnswer] = useState<Values | undefined>();
  const form = useSubmit(async () => {
    setAnswer(undefined);
    setUrl(Object.fromEntries(joinKeys.map(({ name }) => [`key.${name}`, keys[name]])));
    setAnswer(await read(typedKeys({ joinKeys }, keys)));
  });
  return (
    <div className="flex flex-col gap-4 p-4">
      <form className="flex flex-wrap items-end gap-3" onSubmit={form.onSubmit}>
        {joinKeys.map(({ name, type }) => (
          <div key={name} className="min-w-40">
            <TextField
              label={name}
              required
              maxLength={1000}
              inputMode={type === "int64" ? "numeric" : "text"}
              {...(type === "int64" ? { pattern: "-?[0-9]+", title: "A whole number" } : {})}
              placeholder={type}
              value={keys[name] ?? ""}
              onChange={(event) => setKeys({ ...keys, [name]: event.target.value })}
            />
          </div>
        ))}
        <button type="submit" className="button button-primary !h-8" disabled={form.busy}>
          <Search size={14} /> Read the values
        </button>
      </form>
      <FormError error={form.error} />
      {answer && <ValuesTable columns={answer.columns} />}
      <section className="max-w-3xl">
        <h2 className="mb-2">The same as code</h2>
        <CopyAsCode code={code(keys)} />
      </section>
    </div>
  );
}

function ValuesTable({ columns }: { columns: readonly FeatureColumn[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section className="card max-w-3xl overflow-auto" aria-label="Values" tabIndex={0}>
      <table className="min-w-full">
        <thead>
          <tr className="text-left text-ink-2 text-xs">
            <th scope="col" className="border-line border-b px-3 py-1 font-medium">
              Feature
            </th>
            <th scope="col" className="border-line border-b px-3 py-1 text-right font-medium">
              Value
            </th>
            <th scope="col" className="border-line border-b px-3 py-1 font-medium">
              Status
            </th>
            <th scope="col" className="border-line border-b px-3 py-1 font-medium">
              Of
            </th>
          </tr>
        </thead>
        <tbody>
          {columns.map(
            ({ name, view, values: [value = null], statuses: [status = "missing"], eventMs: [at] }) => (
              <tr key={`${view}:${name}`} className="border-line border-b last:border-0">
                <th
                  scope="row"
                  className="max-w-64 truncate px-3 py-1 text-left font-normal"
                  title={`${view}:${name}`}
                >
                  {name}
                </th>
                <td className="nums max-w-64 truncate px-3 py-1 text-right" title={String(value)}>
                  {value === null ? <span className="text-ink-3">–</span> : shown(value)}
                </td>
                <td className="px-3 py-1">
                  <ValueStatus status={status} />
                </td>
                <td className="px-3 py-1 text-ink-2">
                  <Ago at={at ?? undefined} />
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </section>
  );
}

function shown(value: FeatureColumn["values"][number]): string {
  return typeof value === "number"
    ? formatNumber(value)
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);
}

const STATUSES = {
  present: { icon: CircleCheck, colour: "text-good", says: "There is a value, and it is young enough." },
  null: { icon: CircleSlash, colour: "text-ink-2", says: "The newest row holds null." },
  missing: { icon: CircleDashed, colour: "text-warn", says: "Nothing was ever written for this entity." },
  stale: {
    icon: Hourglass,
    colour: "text-bad",
    says: "There is a value, but it is older than the time to live.",
  },
} as const;

/** A value that is not there says why: null, missing and stale are three different things. */
function ValueStatus({ status }: { status: FeatureState }) {
  const { icon: Icon, colour, says } = STATUSES[status];
  return (
    <span className={`inline-flex items-center gap-1.5 ${colour}`} title={says}>
      <Icon size={14} aria-hidden /> {status}
    </span>
  );
}
