/** The encodings that a sender chooses by its content type, and gets its answer in. */
export type Encoding = "protobuf" | "json";

export const MEDIA_TYPE: Record<Encoding, string> = {
  protobuf: "application/x-protobuf",
  json: "application/json",
};

/** What of a request was not taken. */
export interface PartialSuccess {
  rejected: number;
  message: string;
}

export type Signal = "logs" | "metrics" | "traces";

const REJECTED: Record<Signal, string> = {
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
  traces: "rejectedSpans",
};

/**
 * The answer to a request that was taken, wholly or in part.
 * @remarks Wire format: opentelemetry/proto/collector/{logs,metrics,trace}/v1, message Export…ServiceResponse.
 */
export function encodeAnswer(
  encoding: Encoding,
  signal: Signal,
  partial: PartialSuccess | undefined,
): string | Buffer {
  if (encoding === "json") {
    if (partial === undefined) return "{}";
    const { rejected, message } = partial;
    return JSON.stringify({
      partialSuccess: { [REJECTED[signal]]: String(rejected), errorMessage: message },
    });
  }
  if (partial === undefined) return Buffer.alloc(0);
  return lengthDelimited(1, Buffer.concat([varintField(1, partial.rejected), textField(2, partial.message)]));
}

/** @remarks Wire format: google/rpc/status.proto. */
export function encodeStatus(encoding: Encoding, status: { code: number; message: string }): string | Buffer {
  if (encoding === "json") return JSON.stringify(status);
  return Buffer.concat([varintField(1, status.code), textField(2, status.message)]);
}

function textField(number: number, text: string): Buffer {
  return text === "" ? Buffer.alloc(0) : lengthDelimited(number, Buffer.from(text));
}

function lengthDelimited(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varintField(number: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(number * 8), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  while (left >= 0x80) {
    bytes.push((left % 0x80) + 0x80);
    left = Math.floor(left / 0x80);
  }
  bytes.push(left);
  return Buffer.from(bytes);
}
