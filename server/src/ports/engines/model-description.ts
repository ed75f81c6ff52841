import { text } from "node:stream/consumers";
import { parse } from "yaml";
import { z } from "zod";
import { AppError } from "#lib/errors";
import type { ModelDescription, ModelFile, ModelFiles } from "./engines.ts";

const TEXT_BYTES_MAX = 1024 * 1024; // MLmodel and requirements are pages of text; examples are a handful of rows.

/** Reads what a model's folder says about itself. @throws AppError `invalid` when no engine runs it */
export async function describeModel(model: ModelFiles): Promise<ModelDescription> {
  const files: ModelFile[] = [];
  for await (const file of model.files()) files.push(file);
  const read = async (path: string) => {
    const file = files.find((one) => one.path === path);
    return file === undefined || file.sizeBytes > TEXT_BYTES_MAX ? undefined : text(await file.open());
  };
  const description = readDescription(await read("MLmodel"));
  const kinds: ("onnx" | "pyfunc")[] = [];
  const hasOnnx = files.some((file) => file.path.endsWith(".onnx"));
  if (description?.flavors.onnx !== undefined || hasOnnx) kinds.push("onnx");
  if (description?.flavors.python_function !== undefined) kinds.push("pyfunc");
  if (kinds.length === 0) {
    throw new AppError(
      "invalid",
      "The model has neither an ONNX file nor the pyfunc flavour; no engine runs it.",
    );
  }
  const example = await read("serving_input_example.json");
  return {
    kinds,
    columns: columnsOf(description?.signature?.inputs),
    requirements: linesOf((await read("requirements.txt")) ?? ""),
    example: example === undefined ? undefined : parsed(example),
  };
}

/** @remarks The file's form: mlflow/models/model.py, class Model. */
const Description = z.object({
  flavors: z.record(z.string(), z.unknown()).default({}),
  signature: z.object({ inputs: z.string().nullish() }).nullish(),
});

function readDescription(content: string | undefined): z.output<typeof Description> | undefined {
  if (content === undefined) return undefined;
  try {
    return Description.parse(parse(content, { maxAliasCount: 0 }));
  } catch (cause) {
    throw new AppError("invalid", "The model's MLmodel file cannot be read.", { cause });
  }
}

const Columns = z.array(z.object({ name: z.string() }));

function columnsOf(inputs: string | null | undefined): string[] {
  const columns = Columns.safeParse(inputs ? parsed(inputs) : undefined);
  return columns.success ? columns.data.map(({ name }) => name) : [];
}

function linesOf(requirements: string): string[] {
  return requirements
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined; // An example or a signature is a help; a broken one is none.
  }
}
