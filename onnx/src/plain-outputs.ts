import { bytesField, fieldsOf, numberField, textField } from "./protobuf.ts";

// Field numbers of onnx/onnx.proto.
const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_OUTPUT = 12;
const NODE_INPUT = 1;
const NODE_OUTPUT = 2;
const NODE_OP_TYPE = 4;
const INFO_NAME = 1;
const INFO_TYPE = 2;
const TYPE_TENSOR = 1;
const TENSOR_ELEMENT = 1;
const TENSOR_SHAPE = 2;
const SHAPE_DIMENSION = 1;
const FLOAT = 1;

/**
 * Gives classifiers their probabilities as a tensor. Converters end them in a ZipMap, which makes a map a row; no protocol
 * carries one and the runtime's JavaScript binding cannot read it. Its input is the tensor: rows by classes, in the order
 * of the labels. The output keeps its name.
 * @throws Error when the bytes are no ONNX model
 */
export function withPlainOutputs(model: Uint8Array): Uint8Array {
  const graph = [...fieldsOf(model)].find(({ number }) => number === MODEL_GRAPH)?.bytes;
  if (graph === undefined) throw new Error("The file is no ONNX model: it has no graph.");
  const fields = [...fieldsOf(graph)];
  const zipped = new Set(
    fields.flatMap(({ number, bytes }) =>
      number === GRAPH_NODE && bytes !== undefined && isZipMap(bytes) ? textsOf(bytes, NODE_OUTPUT) : [],
    ),
  );
  if (zipped.size === 0) return model;
  const rewritten = fields.map(({ number, bytes, raw }) => {
    if (number === GRAPH_NODE && bytes !== undefined && isZipMap(bytes)) return identityInPlaceOf(bytes);
    const [name = ""] = number === GRAPH_OUTPUT && bytes !== undefined ? textsOf(bytes, INFO_NAME) : [];
    return zipped.has(name) ? floatTable(name) : raw;
  });
  return Buffer.concat(
    [...fieldsOf(model)].map(({ number, raw }) =>
      number === MODEL_GRAPH ? bytesField(MODEL_GRAPH, Buffer.concat(rewritten)) : raw,
    ),
  );
}

function isZipMap(node: Uint8Array): boolean {
  return textsOf(node, NODE_OP_TYPE)[0] === "ZipMap";
}

function identityInPlaceOf(node: Uint8Array): Uint8Array {
  const ends = [...fieldsOf(node)].filter(({ number }) => number === NODE_INPUT || number === NODE_OUTPUT);
  const identity = Buffer.concat([...ends.map(({ raw }) => raw), textField(NODE_OP_TYPE, "Identity")]);
  return bytesField(GRAPH_NODE, identity);
}

/** A declaration of floats, rows by classes, both of any number. */
function floatTable(name: string): Uint8Array {
  const anyLength = bytesField(SHAPE_DIMENSION, Buffer.alloc(0));
  const shape = bytesField(TENSOR_SHAPE, Buffer.concat([anyLength, anyLength]));
  const tensor = Buffer.concat([numberField(TENSOR_ELEMENT, FLOAT), shape]);
  const type = bytesField(INFO_TYPE, bytesField(TYPE_TENSOR, tensor));
  return bytesField(GRAPH_OUTPUT, Buffer.concat([textField(INFO_NAME, name), type]));
}

function textsOf(message: Uint8Array, wanted: number): string[] {
  return [...fieldsOf(message)].flatMap(({ number, bytes }) =>
    number === wanted && bytes !== undefined ? [Buffer.from(bytes).toString("utf8")] : [],
  );
}
