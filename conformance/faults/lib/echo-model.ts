/**
 * The smallest ONNX model that answers with what it was asked: one column of words, as it came.
 * Wire format: onnx/onnx.proto (ModelProto, GraphProto, NodeProto, ValueInfoProto), written field by field.
 */
export function echoModel(column: string): Buffer {
  const node = message([text(1, column), text(2, "echoed"), text(4, "Identity")]);
  const graph = message([
    field(1, node),
    text(2, "echo"),
    field(11, words(column)),
    field(12, words("echoed")),
  ]);
  const opset = message([varint(2, 13)]);
  return message([varint(1, 8), field(7, graph), field(8, opset)]);
}

const STRING_ELEMENTS = 8; // TensorProto.DataType

/** A tensor of any number of rows and one column. */
function words(name: string): Buffer {
  const rows = message([text(2, "n")]);
  const one = message([varint(1, 1)]);
  const shape = message([field(1, rows), field(1, one)]);
  const tensor = message([varint(1, STRING_ELEMENTS), field(2, shape)]);
  return message([text(1, name), field(2, message([field(1, tensor)]))]);
}

function message(fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

function text(number: number, value: string): Buffer {
  return field(number, Buffer.from(value));
}

/** Lengths here have at most fourteen bits: two bytes of a varint. */
function field(number: number, bytes: Buffer): Buffer {
  const { length } = bytes;
  const size = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...size]), bytes]);
}

function varint(number: number, value: number): Buffer {
  return Buffer.from([number << 3, value]);
}
