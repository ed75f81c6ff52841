/** What a span must be beside its labels; undefined asks for nothing. */
export interface SpanConditions {
  traceId?: string | undefined;
  name?: string | undefined;
  /** Attributes that must be there, their values as text. */
  attributes: readonly { name: string; value: string }[];
  minDurationMs?: number | undefined;
  maxDurationMs?: number | undefined;
  match: "root" | "any";
}

const NS_A_MS = 1e6;

/** A span as it lies among the lines: its name is the message, everything else a field. */
export function isSpan(
  { message, fields }: { message: string; fields: Record<string, unknown> },
  wanted: SpanConditions,
): boolean {
  if (wanted.traceId !== undefined && fields.traceId !== wanted.traceId) return false;
  if (wanted.name !== undefined && message !== wanted.name) return false;
  if (wanted.match === "root" && fields.parentSpanId !== undefined) return false;
  const durationMs = Number(fields.durationNs) / NS_A_MS;
  if (wanted.minDurationMs !== undefined && !(durationMs >= wanted.minDurationMs)) return false;
  if (wanted.maxDurationMs !== undefined && !(durationMs <= wanted.maxDurationMs)) return false;
  if (wanted.attributes.length === 0) return true;
  const attributes = (fields.attributes ?? {}) as Record<string, unknown>;
  return wanted.attributes.every(
    ({ name, value }) => Object.hasOwn(attributes, name) && asText(attributes[name]) === value,
  );
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
