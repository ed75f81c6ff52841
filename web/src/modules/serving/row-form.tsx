import { useState } from "react";
import { SelectField, TextField } from "../../lib/form.tsx";
import { type Instance, typedValue } from "./example.ts";

/** One row, a field a value; each keeps the kind of value that it came with. */
export function RowForm({ row, onRow }: { row: Instance; onRow: (row: Instance) => void }) {
  const [kinds] = useState(row);
  // What is being typed may be no number yet, so the text is kept beside the value.
  const [texts, setTexts] = useState<Record<string, string>>(() =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, value === null ? "" : String(value)]),
    ),
  );
  const set = (name: string, text: string) => {
    setTexts({ ...texts, [name]: text });
    onRow({ ...row, [name]: typedValue(text, kinds[name]) });
  };
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {Object.entries(kinds).map(([name, like]) =>
        typeof like === "boolean" ? (
          <SelectField
            key={name}
            label={name}
            value={texts[name] ?? "false"}
            options={[
              { value: "true", title: "true" },
              { value: "false", title: "false" },
            ]}
            onChange={(event) => set(name, event.target.value)}
          />
        ) : (
          <TextField
            key={name}
            label={name}
            value={texts[name] ?? ""}
            {...(typeof like === "number" ? { type: "number", step: "any" } : { type: "text" })}
            maxLength={1000}
            onChange={(event) => set(name, event.target.value)}
          />
        ),
      )}
    </div>
  );
}
