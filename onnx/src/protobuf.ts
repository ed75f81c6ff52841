/** As much of protobuf's wire format as it takes to read a message's fields and to write some anew. */
export interface Field {
  number: number;
  /** Of a length-delimited field: what it holds. */
  bytes: Uint8Array | undefined;
  /** The whole field with its tag, to be copied as it is. */
  raw: Uint8Array;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** @throws Error when the bytes are no message */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at];
      if (byte === undefined || scale > 2 ** 63) throw new Error("The file is no ONNX model.");
      at += 1;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const from = at;
    const tag = varint();
    const number = Math.floor(tag / 8);
    let bytes: Uint8Array | undefined;
    if (tag % 8 === VARINT) varint();
    else if (tag % 8 === FIXED64) at += 8;
    else if (tag % 8 === FIXED32) at += 4;
    else if (tag % 8 === LENGTH_DELIMITED) {
      const length = varint();
      bytes = message.subarray(at, at + length);
      at += length;
    } else throw new Error("The file is no ONNX model.");
    if (at > message.length) throw new Error("The ONNX model is cut off.");
    yield { number, bytes, raw: message.subarray(from, at) };
  }
}

export function textField(number: number, text: string): Uint8Array {
  return bytesField(number, Buffer.from(text));
}

export function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([varintOf(number * 8 + LENGTH_DELIMITED), varintOf(bytes.length), bytes]);
}

export function numberField(number: number, value: number): Uint8Array {
  return Buffer.concat([varintOf(number * 8 + VARINT), varintOf(value)]);
}

function varintOf(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
