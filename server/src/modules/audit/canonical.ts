/**
 * Canonical JSON (RFC 8785): the same value is always the same text, so its hash can be checked by anyone.
 * Written by hand because an object rebuilt from sorted keys still puts integer-like keys first.
 * Where RFC 8785 refuses a value, we write a text that says the same: whole numbers beyond 2⁵³, NaN and infinities
 * become strings, and a lone surrogate stays the escape that JSON.stringify makes of it.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "bigint") return JSON.stringify(value.toString());
  if (typeof value === "number") return canonicalNumber(value);
  if (typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object") return canonicalObject(value as Record<string, unknown>);
  return "null"; // Functions and symbols say nothing, as in JSON.stringify's arrays.
}

function canonicalNumber(value: number): string {
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (exact) return JSON.stringify(value);
  return JSON.stringify(Number.isFinite(value) ? BigInt(value).toString() : String(value));
}

function canonicalObject(value: Record<string, unknown>): string {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  const members = keys.sort().map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(",")}}`;
}
