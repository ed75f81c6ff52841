/** `"1.5s"`, proto's JSON of a duration, in milliseconds. Undefined when it is none. */
export function durationMs(text: string): number | undefined {
  const [, seconds] = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(text) ?? [];
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1000);
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};
const MIB = 2 ** 20;

/** `"512M"`, `"2Gi"`, in MiB, at least 1. Undefined when it is no amount of memory. */
export function memoryMiB(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d{1,12}(?:\.\d{1,6})?)([kKMGT]i?)?$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit];
  if (amount === undefined || factor === undefined) return undefined;
  return Math.max(1, Math.ceil((Number(amount) * factor) / MIB));
}

/** `"500m"`, `"2"`, in cores. Undefined when it is none. */
export function cores(text: string): number | undefined {
  const [, amount, milli] = /^(\d{1,6}(?:\.\d{1,6})?)(m)?$/.exec(text.trim()) ?? [];
  if (amount === undefined) return undefined;
  return milli === undefined ? Number(amount) : Number(amount) / 1000;
}
