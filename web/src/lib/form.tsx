import { type FormEvent, type ReactNode, useId, useState } from "react";
import { ApiError } from "./api.ts";

/** A labelled input with its help and its own error. */
export function Field({
  label,
  help,
  error,
  children,
}: {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  children: (attributes: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": boolean;
  }) => ReactNode;
}) {
  const id = useId();
  const described = help || error ? `${id}-help` : undefined;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children({ id, "aria-describedby": described, "aria-invalid": Boolean(error) })}
      {described && (
        <p id={described} className={`text-xs ${error ? "text-bad" : "text-ink-3"}`}>
          {error ?? help}
        </p>
      )}
    </div>
  );
}

export function TextField({
  label,
  help,
  error,
  ...input
}: {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
} & React.InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field label={label} help={help} error={error}>
      {(attributes) => <input className="field" {...attributes} {...input} />}
    </Field>
  );
}

export function SelectField({
  label,
  help,
  options,
  ...select
}: {
  label: string;
  help?: ReactNode;
  options: readonly { value: string; title: string }[];
} & React.SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Field label={label} help={help}>
      {(attributes) => (
        <select className="field" {...attributes} {...select}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.title}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Submits once at a time and shows what the server said, at the field it named or below. */
export function useSubmit(submit: () => Promise<unknown>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | undefined>();
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await submit();
    } catch (caught) {
      setError(caught instanceof Error ? caught : new Error(String(caught)));
    }
    setBusy(false);
  };
  const at = error instanceof ApiError ? error.at : undefined;
  return {
    busy,
    onSubmit,
    errorAt: (field: string) =>
      at && (at === field || at.endsWith(`.${field}`)) ? error?.message : undefined,
    error,
  };
}

export function FormError({ error }: { error: Error | undefined }) {
  if (!error) return null;
  return (
    <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
      {error.message}
    </p>
  );
}
