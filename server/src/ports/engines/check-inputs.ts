import { AppError } from "#lib/errors";
import { checkTensor, type Signature, type Tensor, type TensorSpec } from "./tensors.ts";

/** That these are the inputs of the signature, each whole. @throws AppError `invalid` naming what does not fit */
export function checkInputs(inputs: readonly Tensor[], { inputs: specs }: Signature): void {
  const given = new Map(inputs.map((tensor) => [tensor.name, tensor]));
  if (given.size < inputs.length) throw new AppError("invalid", "An input is given twice.");
  for (const spec of specs) {
    const tensor = given.get(spec.name);
    if (tensor === undefined) throw new AppError("invalid", `The input ${spec.name} is missing.`);
    checkFits(tensor, spec);
    checkTensor(tensor);
  }
  if (given.size > specs.length) {
    const known = specs.map(({ name }) => name);
    const extra = inputs.filter(({ name }) => !known.includes(name)).map(({ name }) => name);
    throw new AppError(
      "invalid",
      `The model has no input ${extra.join(", ")}; it takes ${known.join(", ")}.`,
    );
  }
}

function checkFits({ name, datatype, shape }: Tensor, spec: TensorSpec): void {
  if (datatype !== spec.datatype) {
    throw new AppError("invalid", `${name} is ${datatype}; the model takes ${spec.datatype}.`);
  }
  const fits =
    shape.length === spec.shape.length && spec.shape.every((want, at) => want === -1 || want === shape[at]);
  if (!fits) {
    const words = `${name} has the shape [${shape.join(", ")}]; the model takes [${spec.shape.join(", ")}].`;
    throw new AppError("invalid", words);
  }
}
