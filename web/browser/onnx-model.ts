/** Field numbers of onnx.proto3, as far as a line through columns needs them. */
const FLOAT = 1;
const IR_VERSION = 8;
const OPSET = 13;

/**
 * An ONNX file that computes `X · weights + bias`, X with a row a prediction and a column a weight: made by hand, as no test
 * should need a file or a Python from elsewhere.
 * @remarks Format: onnx/onnx.proto, messages ModelProto, GraphProto, NodeProto, TensorProto.
 */
export function linearOnnx(weights: readonly number[], bias: number): Uint8Array {
  const graph = message([
    [
      1,
      message([...["X", "W", "B"].map((name): Field => [1, text(name)]), [2, text("Y")], [4, text("Gemm")]]),
    ],
    [2, text("line")],
    [5, tensor("W", [weights.length, 1], weights)],
    [5, tensor("B", [1], [bias])],
    [11, valueInfo("X", weights.length)],
    [12, valueInfo("Y", 1)],
  ]);
  return message([
    [1, IR_VERSION],
    [7, graph],
    [8, message([[2, OPSET]])],
  ]);
}

type Field = readonly [field: number, value: number | Uint8Array];

function message(fields: readonly Field[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(([field, value]) =>
      typeof value === "number"
        ? [varint(field << 3), varint(value)]
        : [varint((field << 3) | 2), varint(value.length), value],
    ),
  );
}

function tensor(name: string, dims: readonly number[], values: readonly number[]): Uint8Array {
  const raw = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) raw.writeFloatLE(value, at * 4);
  return message([...dims.map((length): Field => [1, length]), [2, FLOAT], [8, text(name)], [9, raw]]);
}

/** A matrix of floats with any number of rows. */
function valueInfo(name: string, columns: number): Uint8Array {
  const rows = message([[2, text("rows")]]);
  const shape = message([
    [1, rows],
    [1, message([[1, columns]])],
  ]);
  return message([
    [1, text(name)],
    [
      2,
      message([
        [
          1,
          message([
            [1, FLOAT],
            [2, shape],
          ]),
        ],
      ]),
    ],
  ]);
}

function text(words: string): Uint8Array {
  return Buffer.from(words, "utf8");
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return Uint8Array.from([...bytes, rest]);
}
