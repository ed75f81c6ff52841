/** Four significant digits; the full value belongs in a `title`. `NaN` and the infinities may come as words. */
export function formatNumber(given: number | string | null | undefined): string {
  if (given === null || given === undefined) return "–";
  const value = Number(given);
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return groupThousands(String(value));
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return tidyExponent(value.toExponential(3));
  const text = value.toPrecision(4);
  const plain = text.includes("e") ? String(Math.round(Number(text))) : text;
  return groupThousands(plain.includes(".") ? plain.replace(/\.?0+$/, "") : plain);
}

/** Sign always shown, for differences. */
export function formatDelta(value: number): string {
  if (value === 0) return "±0";
  return `${value > 0 ? "+" : "−"}${formatNumber(Math.abs(value))}`;
}

export function formatCount(value: number): string {
  return groupThousands(String(Math.round(value)));
}

/** `3m 12s`: the two largest units, and parts of a second below one. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return "–";
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return ms < 10_000 ? `${(Math.floor(ms / 100) / 10).toFixed(1)}s` : `${seconds}s`;
  const units: [number, string][] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "m"],
    [1, "s"],
  ];
  const first = units.findIndex(([size]) => seconds >= size);
  const [bigSize, bigName] = units[first] ?? [1, "s"];
  const [smallSize, smallName] = units[first + 1] ?? [1, "s"];
  const rest = Math.floor((seconds % bigSize) / smallSize);
  return `${Math.floor(seconds / bigSize)}${bigName}${rest > 0 ? ` ${rest}${smallName}` : ""}`;
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return "–";
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${BYTE_UNITS[unit]}`;
}

/** `just now`, `5m ago`, `in 3h`, then a date after thirty days. */
export function formatAgo(atMs: number | null | undefined, nowMs: number): string {
  if (atMs === null || atMs === undefined) return "–";
  const distance = Math.abs(nowMs - atMs);
  if (distance < 5000) return "just now";
  if (distance > 30 * 86_400_000) return formatDate(atMs);
  const size =
    distance < 60_000
      ? `${Math.floor(distance / 1000)}s`
      : distance < 3_600_000
        ? `${Math.floor(distance / 60_000)}m`
        : distance < 86_400_000
          ? `${Math.floor(distance / 3_600_000)}h`
          : `${Math.floor(distance / 86_400_000)}d`;
  return atMs <= nowMs ? `${size} ago` : `in ${size}`;
}

function formatDate(atMs: number): string {
  return new Date(atMs).toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" });
}

/** The absolute time with its zone, for hover and for copying. */
export function formatTime(atMs: number): string {
  return new Date(atMs).toLocaleString(undefined, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
}

/** A share between 0 and 1 as a percentage. What is there but tiny is never called nothing. */
export function formatShare(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "< 0.1 %";
  return `${formatNumber(Number(value.toFixed(value < 10 ? 1 : 0)))} %`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function groupThousands(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return (fraction === undefined ? grouped : `${grouped}.${fraction}`).replace("-", "−");
}

function tidyExponent(text: string): string {
  return text
    .replace(/\.?0+e/, "e")
    .replace("e+", "e")
    .replace(/-/g, "−");
}
