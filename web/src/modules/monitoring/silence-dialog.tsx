import type { Silence } from "@atrium/contract/monitoring";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, SelectField, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { createSilence, MONITORING_READS } from "./monitoring-api.ts";

type Matcher = Silence["matchers"][number];

const HOUR_MS = 3_600_000;
const SPANS = [
  { hours: 1, title: "1 hour" },
  { hours: 8, title: "8 hours" },
  { hours: 24, title: "1 day" },
  { hours: 7 * 24, title: "1 week" },
  { hours: 30 * 24, title: "30 days" },
];
const NAMES: readonly Matcher["name"][] = ["monitor", "rule", "severity", "segment", "column", "metric"];
const MATCHERS_MAX = 10; // As many as the server takes.

/** Keeps matching incidents quiet for a time; they open all the same, and are told when the time is over. */
export function SilenceDialog({
  project,
  matchers: given = [{ name: "monitor", value: "" }],
  onClose,
}: {
  project: string;
  matchers?: readonly Matcher[];
  onClose: () => void;
}) {
  const fresh = useFresh(MONITORING_READS);
  const [matchers, setMatchers] = useState<readonly Matcher[]>(given);
  const [hours, setHours] = useState(8);
  const [comment, setComment] = useState("");
  const form = useSubmit(async () => {
    const body = { matchers: [...matchers], endsMs: Date.now() + hours * HOUR_MS, comment };
    await fresh(() => createSilence({ project, body }));
    onClose();
  });
  const change = (at: number, to: Partial<Matcher>) =>
    setMatchers(matchers.map((one, index) => (index === at ? { ...one, ...to } : one)));
  return (
    <Dialog title="Silence incidents" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 font-medium">Incidents of which all of this holds</legend>
          {matchers.map((matcher, index) => (
            <div key={index} className="flex items-center gap-2">
              <select
                className="field !w-auto"
                aria-label={`What ${index + 1}`}
                value={matcher.name}
                onChange={(event) => change(index, { name: event.target.value as Matcher["name"] })}
              >
                {NAMES.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
              <input
                className="field"
                aria-label={`Is ${index + 1}`}
                placeholder="its name"
                required
                maxLength={250}
                value={matcher.value}
                onChange={(event) => change(index, { value: event.target.value })}
              />
              {matchers.length > 1 && (
                <button
                  type="button"
                  className="button button-plain button-icon"
                  aria-label={`Leave ${matcher.name} out`}
                  onClick={() => setMatchers(matchers.filter((_, at) => at !== index))}
                >
                  <X size={14} />
                </button>
              )}
            </div>
          ))}
          {matchers.length < MATCHERS_MAX && (
            <button
              type="button"
              className="button self-start"
              onClick={() => setMatchers([...matchers, { name: "severity", value: "" }])}
            >
              <Plus size={14} /> And
            </button>
          )}
        </fieldset>
        <SelectField
          label="For"
          value={String(hours)}
          options={SPANS.map((span) => ({ value: String(span.hours), title: span.title }))}
          onChange={(event) => setHours(Number(event.target.value))}
        />
        <TextField
          label="Why"
          maxLength={2000}
          placeholder="The airport is closed for the week"
          value={comment}
          onChange={(event) => setComment(event.target.value)}
        />
        <FormError error={form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy}>
          Silence
        </button>
      </form>
    </Dialog>
  );
}
