export type Labels = Readonly<Record<string, string>>;

/** One value of one series at one moment. */
export interface Sample {
  labels: Labels;
  value: number;
}

const SIGNATURES = new WeakMap<Labels, string>();
const NAMELESS = new WeakMap<Labels, Labels>();

/** Equal for equal labels. */
export function signatureOf(labels: Labels): string {
  const known = SIGNATURES.get(labels);
  if (known !== undefined) return known;
  const signature = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  SIGNATURES.set(labels, signature);
  return signature;
}

/** Without the metric's name: what a function makes of a metric is that metric no more. */
export function nameless(labels: Labels): Labels {
  const known = NAMELESS.get(labels);
  if (known !== undefined) return known;
  const rest = without(labels, ["__name__"]);
  NAMELESS.set(labels, rest);
  return rest;
}

export function keeping(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(labels, name)).map((name) => [name, labels[name] ?? ""]),
  );
}

export function without(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
}

/** Chooses labels the same way again and again, with the work done once for each set of labels. */
export function createChooser(
  choose: (labels: Labels) => Labels,
): (labels: Labels) => { labels: Labels; key: string } {
  const known = new WeakMap<Labels, { labels: Labels; key: string }>();
  return (labels) => {
    const before = known.get(labels);
    if (before !== undefined) return before;
    const chosen = choose(labels);
    const made = { labels: chosen, key: signatureOf(chosen) };
    known.set(labels, made);
    return made;
  };
}
