/** Units as words, from the compatibility page's table. */
const UNITS: Record<string, string> = {
  d: "days",
  h: "hours",
  min: "minutes",
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  ns: "nanoseconds",
  By: "bytes",
  KiBy: "kibibytes",
  MiBy: "mebibytes",
  GiBy: "gibibytes",
  TiBy: "tibibytes",
  KBy: "kilobytes",
  MBy: "megabytes",
  GBy: "gigabytes",
  TBy: "terabytes",
  m: "meters",
  V: "volts",
  A: "amperes",
  J: "joules",
  W: "watts",
  g: "grams",
  Cel: "celsius",
  Hz: "hertz",
  "%": "percent",
};
const PER: Record<string, string> = {
  s: "second",
  m: "minute",
  min: "minute",
  h: "hour",
  d: "day",
  w: "week",
  mo: "month",
  y: "year",
};

/**
 * A metric's name as Prometheus writes it: sanitised, with its unit in words, and `_total` behind a counter.
 * @remarks opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics, "OTLP Metric points to Prometheus".
 */
export function prometheusName(name: string, unit: string, kind: "counter" | "gauge" | "other"): string {
  const words = sanitized(name)
    .split("_")
    .filter((word) => word !== "");
  if (kind === "counter") drop(words, "total");
  for (const word of unitWords(unit, kind)) if (!words.includes(word)) words.push(word);
  if (kind === "counter") words.push("total");
  const joined = words.join("_");
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

export function labelName(name: string): string {
  const clean = name.replace(/[^a-zA-Z0-9_]/g, "_");
  return /^\d/.test(clean) ? `key_${clean}` : clean;
}

function sanitized(name: string): string {
  return name.replace(/[^a-zA-Z0-9:_]/g, "_");
}

function unitWords(unit: string, kind: "counter" | "gauge" | "other"): string[] {
  const said = unit.replace(/\{[^}]*\}/g, "").trim();
  if (said === "1") return kind === "gauge" ? ["ratio"] : [];
  const [main = "", per] = said.split("/", 2);
  const words = wordsOf(UNITS[main] ?? main);
  const under = per === undefined ? [] : wordsOf(PER[per] ?? per);
  return under.length === 0 ? words : [...words, "per", ...under];
}

function wordsOf(unit: string): string[] {
  return sanitized(unit)
    .split("_")
    .filter((word) => word !== "");
}

function drop(words: string[], word: string): void {
  const at = words.lastIndexOf(word);
  if (at > 0 && at === words.length - 1) words.pop();
}
