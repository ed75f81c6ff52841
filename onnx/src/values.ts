import { isUtf8 } from "node:buffer";
import { Tensor as OrtTensor } from "onnxruntime-node";
import {
  DATATYPE_BYTES,
  type Datatype,
  joinBytes,
  splitBytes,
  type Tensor,
} from "../../server/src/ports/engines/tensors.ts";

type TypedArray = Exclude<OrtTensor["data"], string[]>;
type MakeArray = new (buffer: ArrayBuffer) => TypedArray;

const ORT_TYPES: Partial<Record<Datatype, OrtTensor.Type>> = {
  BOOL: "bool",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
  BYTES: "string",
};

const ARRAYS: Partial<Record<OrtTensor.Type, unknown>> = {
  bool: Uint8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** The protocol's word for a type of the runtime; undefined where it has none. */
export function datatypeOf(type: string): Datatype | undefined {
  return (Object.keys(ORT_TYPES) as Datatype[]).find((datatype) => ORT_TYPES[datatype] === type);
}

/** Tensors of one name under one another. @throws Error for text that the runtime would change */
export function stack(tensors: readonly Tensor[]): OrtTensor {
  const [first] = tensors;
  if (first === undefined) throw new Error("Nothing was stacked.");
  const dims = tensors.length === 1 ? [...first.shape] : [rowsOf(tensors), ...first.shape.slice(1)];
  const type = ORT_TYPES[first.datatype];
  if (type === undefined) throw new Error(`${first.name}: ONNX models here do not take ${first.datatype}.`);
  if (type === "string") return new OrtTensor("string", tensors.flatMap(textsOf), dims);
  // Bytes of a frame lie anywhere; typed arrays begin at multiples of their element's size.
  const aligned = new Uint8Array(tensors.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of tensors) {
    aligned.set(data, at);
    at += data.length;
  }
  const TypedArrayOf = ARRAYS[type] as MakeArray;
  return new OrtTensor(type, new TypedArrayOf(aligned.buffer) as Float32Array, dims);
}

/** What the runtime gave, cut into tensors of so many rows each; without counts it stays whole. @throws Error */
export function cut(name: string, value: OrtTensor, counts?: readonly number[]): Tensor[] {
  const datatype = datatypeOf(value.type);
  if (datatype === undefined)
    throw new Error(`${name} has the type ${value.type}, which no protocol carries.`);
  const [rows = 1, ...rest] = value.dims;
  if (counts === undefined) {
    return [{ name, datatype, shape: [...value.dims], data: dataOf(value, datatype, [0, value.size]) }];
  }
  const perRow = value.size / Math.max(1, rows);
  let at = 0;
  return counts.map((count) => {
    const from = at;
    at += count * perRow;
    return { name, datatype, shape: [count, ...rest], data: dataOf(value, datatype, [from, at]) };
  });
}

function dataOf(value: OrtTensor, datatype: Datatype, [from, to]: [number, number]): Buffer {
  if (value.type === "string") {
    return joinBytes((value.data as string[]).slice(from, to).map((text) => Buffer.from(text)));
  }
  const { buffer, byteOffset } = value.data as TypedArray;
  const size = DATATYPE_BYTES[datatype] ?? 1;
  return Buffer.from(buffer as ArrayBuffer, byteOffset + from * size, (to - from) * size);
}

function rowsOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
}

function textsOf({ name, data }: Tensor): string[] {
  return splitBytes(data).map((bytes) => {
    // The runtime takes text up to the first NUL, as C does.
    if (!isUtf8(bytes) || bytes.includes(0)) throw new Error(`${name} holds text with NUL or not in UTF-8.`);
    return bytes.toString("utf8");
  });
}
