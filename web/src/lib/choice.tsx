/** A few values of which one holds, as buttons side by side. */
export function Choice<Value extends string>({
  label,
  looks = "unnamed",
  value,
  options,
  onChange,
}: {
  label: string;
  /** `named` shows the label to everybody; else it is for those who see no picture. */
  looks?: "named" | "unnamed";
  value: Value;
  options: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
}) {
  return (
    <fieldset className="flex items-center gap-1">
      <legend className="sr-only">{label}</legend>
      {looks === "named" && (
        <span className="mr-1 text-ink-2" aria-hidden>
          {label}
        </span>
      )}
      {options.map(([option, title]) => (
        <button
          key={option}
          type="button"
          aria-pressed={value === option}
          className={`rounded px-2 py-0.5 ${value === option ? "bg-hover font-medium" : "text-ink-2 hover:bg-hover"}`}
          onClick={() => onChange(option)}
        >
          {title}
        </button>
      ))}
    </fieldset>
  );
}
