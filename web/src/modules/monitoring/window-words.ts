const DAY_MS = 86_400_000;
const UNITS: readonly (readonly [number, string])[] = [
  [7 * DAY_MS, "week"],
  [DAY_MS, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
];

/** `27 Nov, 12:00–13:00`, and dates alone where a window is whole days. */
export function windowWords({ startMs, endMs }: { startMs: number; endMs: number }): string {
  const [start, end] = [new Date(startMs), new Date(endMs)];
  const day = (date: Date) => date.toLocaleDateString(undefined, { day: "numeric", month: "short" });
  const clock = (date: Date) => date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  const lengthMs = endMs - startMs;
  if (lengthMs === DAY_MS && start.getHours() === 0) return day(start);
  if (lengthMs < DAY_MS) return `${day(start)}, ${clock(start)}–${clock(end)}`;
  return `${day(start)}, ${clock(start)} – ${day(end)}, ${clock(end)}`;
}

/** `1 hour`, `6 hours`, `7 days`: in the largest unit that divides it. */
export function lengthWords(ms: number): string {
  if (ms === 0) return "nothing";
  const [size, unit] = UNITS.find(([one]) => ms % one === 0) ?? [60_000, "minute"];
  const count = ms / size;
  return `${Number(count.toPrecision(4))} ${unit}${count === 1 ? "" : "s"}`;
}
