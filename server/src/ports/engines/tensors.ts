import { AppError } from "#lib/errors";

/** Bytes of one element; BYTES elements are of any length, each behind its own as an unsigned 32-bit number. */
export const DATATYPE_BYTES = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  BF16: 2,
  FP32: 4,
  FP64: 8,
  BYTES: undefined,
} as const;

/** The words of the Open Inference Protocol. */
export type Datatype = keyof typeof DATATYPE_BYTES;

/** A typed array of any rank in row-major order, little-endian, framed as the protocol's binary extension frames it. */
export interface Tensor {
  name: string;
  datatype: Datatype;
  shape: readonly number[];
  data: Buffer;
}

export interface TensorSpec {
  name: string;
  datatype: Datatype;
  /** -1 where any length will do. */
  shape: readonly number[];
  /** May be left out of a request. */
  optional?: boolean | undefined;
}

export interface Signature {
  inputs: readonly TensorSpec[];
  outputs: readonly TensorSpec[];
}

const RANK_MAX = 8; // What array libraries and the frame format hold; models use up to five.
const ELEMENTS_MAX = 2 ** 31 - 1; // Lengths travel as signed 32-bit numbers in the runtimes beneath.

/** How many elements a shape has. @throws AppError `invalid` for a shape that no array can have */
export function elementsOf(name: string, shape: readonly number[]): number {
  if (shape.length > RANK_MAX) throw new AppError("invalid", `${name} has more than ${RANK_MAX} dimensions.`);
  let count = 1;
  for (const length of shape) {
    if (!Number.isInteger(length) || length < 0)
      throw new AppError(
        "invalid",
        `${name} has the shape [${shape.join(", ")}]; lengths are whole numbers.`,
      );
    count *= length;
    if (count > ELEMENTS_MAX) throw new AppError("invalid", `${name} has too many elements.`);
  }
  return count;
}

/** That the bytes are as many as shape and datatype say. @throws AppError `invalid` */
export function checkTensor({ name, datatype, shape, data }: Tensor): void {
  const count = elementsOf(name, shape);
  const size = DATATYPE_BYTES[datatype];
  if (size === undefined) {
    if (countByteElements(data) === count) return;
    throw new AppError("invalid", `${name} does not hold the ${count} byte strings that its shape says.`);
  }
  if (data.length !== count * size) {
    throw new AppError(
      "invalid",
      `${name} has ${data.length} bytes; ${datatype} [${shape.join(", ")}] takes ${count * size}.`,
    );
  }
}

/** The elements of a BYTES tensor, as views. @throws AppError `invalid` when the framing is broken */
export function splitBytes(data: Buffer): Buffer[] {
  const elements: Buffer[] = [];
  for (let at = 0; at < data.length; ) {
    const end = endOfElement(data, at);
    if (end === undefined) throw new AppError("invalid", "A BYTES tensor is cut off inside an element.");
    elements.push(data.subarray(at + 4, end));
    at = end;
  }
  return elements;
}

export function joinBytes(elements: readonly Uint8Array[]): Buffer {
  const parts = elements.flatMap((element) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(element.length);
    return [length, element];
  });
  return Buffer.concat(parts);
}

function countByteElements(data: Buffer): number | undefined {
  let count = 0;
  for (let at = 0; at < data.length; count += 1) {
    const end = endOfElement(data, at);
    if (end === undefined) return undefined;
    at = end;
  }
  return count;
}

function endOfElement(data: Buffer, at: number): number | undefined {
  if (at + 4 > data.length) return undefined;
  const end = at + 4 + data.readUInt32LE(at);
  return end <= data.length ? end : undefined;
}
