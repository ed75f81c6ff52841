/** One column or tensor of a model's signature. */
export interface SignatureField {
  name: string;
  type: string;
  required: "required" | "optional";
}

export interface Signature {
  inputs: SignatureField[];
  outputs: SignatureField[];
  params: SignatureField[];
}

const PARTS = ["inputs", "outputs", "params"] as const;

/**
 * The signature in an MLmodel file, if there is one. The file is YAML; the signature's parts are JSON in single-quoted
 * scalars, which the client folds at 80 characters, so nothing more of YAML has to be understood.
 */
export function signatureOf(mlmodel: string): Signature | undefined {
  const block = /^signature:[^\S\n]*\n((?:[^\S\n]+.*(?:\n|$))+)/m.exec(mlmodel)?.[1];
  if (block === undefined) return undefined;
  const [inputs, outputs, params] = PARTS.map((part) => fieldsOf(quotedScalar(block, part)));
  const signature = { inputs: inputs ?? [], outputs: outputs ?? [], params: params ?? [] };
  return PARTS.some((part) => signature[part].length > 0) ? signature : undefined;
}

function quotedScalar(block: string, name: string): string | undefined {
  const text = new RegExp(`^\\s+${name}: '((?:[^']|'')*)'`, "m").exec(block)?.[1];
  return text?.replace(/\s*\n\s*/g, " ").replaceAll("''", "'");
}

interface Written {
  name?: unknown;
  type?: unknown;
  dtype?: unknown;
  required?: unknown;
  "tensor-spec"?: { dtype?: unknown; shape?: unknown };
}

function fieldsOf(json: string | undefined): SignatureField[] {
  const list = parsed(json);
  if (!Array.isArray(list)) return [];
  return list
    .filter((one): one is Written => typeof one === "object" && one !== null)
    .map((one, index) => ({
      name: typeof one.name === "string" ? one.name : `#${index + 1}`,
      type: typeOf(one),
      required: one.required === false ? "optional" : "required",
    }));
}

function typeOf(field: Written): string {
  const tensor = field["tensor-spec"];
  if (tensor) return `${String(tensor.dtype)}${JSON.stringify(tensor.shape ?? [])}`;
  return String(field.type ?? field.dtype ?? "unknown");
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? "null");
  } catch {
    return undefined; // Some other tool wrote the file; the page then shows no signature.
  }
}
