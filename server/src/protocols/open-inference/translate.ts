import { AppError } from "#lib/errors";
import { decode, encode, flatten } from "#modules/serving";
import {
  checkTensor,
  DATATYPE_BYTES,
  type Datatype,
  elementsOf,
  type Signature,
  type Tensor,
} from "#ports/engines";
import type { SplitBody } from "./body.ts";
import { type InferInput, type InferOutput, type InferRequest, inferRequest } from "./wire.ts";

export interface ReadRequest {
  id: string | undefined;
  inputs: Tensor[];
  /** Undefined: all of them. */
  outputs: readonly InferOutput[] | undefined;
  /** How outputs travel that do not say it themselves. */
  binaryOutputs: boolean;
}

const NOT_IN_JSON = new Set<Datatype>(["FP16", "BF16"]); // Neither has a form in JSON.

/** @throws AppError `invalid` saying which input is wrong and why */
export function readRequest(body: SplitBody, signature: Signature | undefined): ReadRequest {
  if (body.raw) return readRaw(body.binary, signature);
  const request = parse(body.json);
  const names = new Set<string>();
  let at = 0;
  const inputs = request.inputs.map((input) => {
    if (names.has(input.name)) throw bad(`Input ${input.name} is named twice.`);
    names.add(input.name);
    const size = binarySize(input);
    if (size === undefined) return fromJson(input);
    if (at + size > body.binary.length)
      throw bad(
        `Input ${input.name} says ${size} bytes; only ${body.binary.length - at} are left of the body.`,
      );
    const data = body.binary.subarray(at, at + size);
    at += size;
    return checked({ name: input.name, datatype: datatypeOf(input), shape: input.shape, data });
  });
  if (at !== body.binary.length)
    throw bad(
      `The body has ${body.binary.length - at} bytes behind its last binary input that belong to none.`,
    );
  const twice = request.outputs?.find(
    (one, i, all) => all.findIndex((other) => other.name === one.name) !== i,
  );
  if (twice !== undefined) throw bad(`Output ${twice.name} is asked for twice.`);
  const binaryOutputs = request.parameters?.binary_data_output === true;
  return { id: request.id, inputs, outputs: request.outputs, binaryOutputs };
}

/** The bytes of the only input, as one row. */
function readRaw(data: Buffer, signature: Signature | undefined): ReadRequest {
  const [only] = signature?.inputs ?? [];
  if (only === undefined || signature?.inputs.length !== 1)
    throw bad("A raw binary request needs a model with one input; send a JSON header for others.");
  const rest = only.shape.slice(1);
  const open = rest.filter((length) => length < 0).length;
  if (open > 1)
    throw bad(`Input ${only.name} has more than one open dimension; send a JSON header with its shape.`);
  if (only.datatype === "BYTES") {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(data.length);
    const tensor = {
      name: only.name,
      datatype: only.datatype,
      shape: [1],
      data: Buffer.concat([length, data]),
    };
    return { id: undefined, inputs: [tensor], outputs: undefined, binaryOutputs: true };
  }
  const elements = data.length / DATATYPE_BYTES[only.datatype];
  const known = rest.filter((length) => length >= 0).reduce((product, length) => product * length, 1);
  const shape =
    only.shape.length === 0 ? [] : [1, ...rest.map((length) => (length < 0 ? elements / known : length))];
  const tensor = checked({ name: only.name, datatype: only.datatype, shape, data });
  return { id: undefined, inputs: [tensor], outputs: undefined, binaryOutputs: true };
}

function parse(json: Buffer): InferRequest {
  let value: unknown;
  try {
    value = JSON.parse(json.toString("utf8"));
  } catch (cause) {
    throw new AppError("invalid", "The request's JSON cannot be read.", { cause });
  }
  const parsed = inferRequest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw bad(`The request is not one of the protocol: ${issue?.path.join(".") || "body"}: ${issue?.message}.`);
}

function binarySize({ name, parameters, data }: InferInput): number | undefined {
  const size = parameters?.binary_data_size;
  if (size === undefined) return undefined;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw bad(`Input ${name} has a binary_data_size that is no number of bytes.`);
  if (data !== undefined) throw bad(`Input ${name} comes as JSON and as binary at once.`);
  return size;
}

function fromJson(input: InferInput): Tensor {
  const { name, shape } = input;
  const datatype = datatypeOf(input);
  if (input.data === undefined) throw bad(`Input ${name} has neither data nor binary_data_size.`);
  if (NOT_IN_JSON.has(datatype))
    throw bad(`Input ${name} is ${datatype}, which has no JSON form; send it as binary.`);
  const values = flatten(name, input.data);
  const count = elementsOf(name, shape);
  if (values.length !== count)
    throw bad(`Input ${name} has ${values.length} elements; its shape [${shape.join(", ")}] says ${count}.`);
  return { name, datatype, shape, data: encode(name, datatype, values) };
}

function datatypeOf({ name, datatype }: InferInput): Datatype {
  if (Object.hasOwn(DATATYPE_BYTES, datatype)) return datatype as Datatype;
  throw bad(`Input ${name} has the datatype ${datatype}, which the protocol does not have.`);
}

function checked(tensor: Tensor): Tensor {
  checkTensor(tensor);
  return tensor;
}

/** Which outputs are asked for, in that order. @throws AppError `invalid` for one that the model does not have */
export function chosenOutputs(
  request: ReadRequest,
  given: readonly Tensor[],
): { tensor: Tensor; binary: boolean }[] {
  if (request.outputs === undefined || request.outputs.length === 0)
    return given.map((tensor) => ({ tensor, binary: request.binaryOutputs }));
  return request.outputs.map(({ name, parameters }) => {
    const tensor = given.find((one) => one.name === name);
    if (tensor === undefined)
      throw bad(`The model has no output ${name}; it has ${given.map((one) => one.name).join(", ")}.`);
    const { binary_data: own, classification } = parameters ?? {};
    const binary = typeof own === "boolean" ? own : request.binaryOutputs;
    return { tensor: classification === undefined ? tensor : classify(tensor, classification), binary };
  });
}

/** The `k` highest of each row, as `value:index`. @remarks protocol/extension_classification.md */
function classify(tensor: Tensor, k: unknown): Tensor {
  if (typeof k !== "number" || !Number.isInteger(k) || k < 1)
    throw bad(`Output ${tensor.name}: classification asks for a whole number of classes.`);
  const rows = tensor.shape.length > 1 ? (tensor.shape[0] ?? 1) : 1;
  const values = decode(tensor);
  const width = rows === 0 ? 0 : values.length / rows;
  const kept = Math.min(k, width);
  const texts = Array.from({ length: rows }, (_, row) => {
    const own = values
      .slice(row * width, (row + 1) * width)
      .map((value, index) => ({ value: Number(value), index }));
    own.sort((a, b) => b.value - a.value || a.index - b.index);
    return own.slice(0, kept).map(({ value, index }) => `${value.toFixed(6)}:${index}`);
  }).flat();
  const shape = tensor.shape.length > 1 ? [rows, kept] : [kept];
  return { name: tensor.name, datatype: "BYTES", shape, data: encode(tensor.name, "BYTES", texts) };
}

export interface WrittenAnswer {
  /** Text where there is no raw tensor. */
  bytes: string | Buffer;
  /** Length of the JSON in front of raw tensors; undefined when all is JSON. */
  jsonLength: number | undefined;
}

export function writeAnswer(
  facts: Record<string, unknown>,
  outputs: readonly { tensor: Tensor; binary: boolean }[],
): WrittenAnswer {
  const described = outputs.map(({ tensor, binary }) => {
    const { name, datatype, shape, data } = tensor;
    if (binary) return { name, datatype, shape, parameters: { binary_data_size: data.length } };
    if (NOT_IN_JSON.has(datatype))
      throw bad(`Output ${name} is ${datatype}, which has no JSON form; ask for it as binary.`);
    return { name, datatype, shape, data: decode(tensor) };
  });
  const text = JSON.stringify({ ...facts, outputs: described });
  const raw = outputs.filter(({ binary }) => binary).map(({ tensor }) => tensor.data);
  if (raw.length === 0) return { bytes: text, jsonLength: undefined };
  const json = Buffer.from(text);
  return { bytes: Buffer.concat([json, ...raw]), jsonLength: json.length };
}

function bad(message: string): AppError {
  return new AppError("invalid", message.slice(0, 2000));
}
