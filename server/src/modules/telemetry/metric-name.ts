const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]{0,254}$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/;
const LABELS_MAX = 40; // More is a record, and belongs to the log.
const VALUE_CHARACTERS_MAX = 1024;

/** What is wrong with a series, in words for its sender; undefined when it can be stored. */
export function seriesProblem(name: string, labels: Readonly<Record<string, string>>): string | undefined {
  if (!NAME.test(name)) return `'${name.slice(0, 100)}' is no name of a metric`;
  const entries = Object.entries(labels);
  if (entries.length > LABELS_MAX) return `${name} has more than ${LABELS_MAX} labels`;
  for (const [label, value] of entries) {
    if (!LABEL.test(label) || label === "__name__") return `${name} has a label '${label.slice(0, 100)}'`;
    if (value.length > VALUE_CHARACTERS_MAX)
      return `${name} has a value of ${label} that is longer than ${VALUE_CHARACTERS_MAX} characters`;
  }
  return undefined;
}

/** Labels in the order of their names; an empty value is the same as none. */
export function inOrder(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([, value]) => value !== "")
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
