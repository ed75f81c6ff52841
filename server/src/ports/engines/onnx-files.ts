import { posix } from "node:path";
import { text } from "node:stream/consumers";
import { parse } from "yaml";
import { z } from "zod";
import { AppError } from "#lib/errors";
import type { ModelFile } from "./engines.ts";
import { checkPath } from "./model-folder.ts";

/** As much of an MLmodel as names the file. `data` is a path from the model's folder. */
const MlModel = z.object({
  flavors: z.object({ onnx: z.object({ data: z.string() }).optional() }).optional(),
});

const DESCRIPTION = "MLmodel";
const DESCRIPTION_BYTES_MAX = 1024 * 1024; // They have a few kilobytes; one with an inlined example some hundred.
const FILES_MAX = 10_000; // A model with its weights in pieces has hundreds.
const NO_WEIGHTS = /(^|\/)(MLmodel|[^/]*\.(json|ya?ml|txt|md|onnx|py))$/;

export interface OnnxFiles {
  file: string;
  /** The model, then what may be its weights: those that lie beside it. */
  files: ModelFile[];
}

/** Which of a model's files are sent to the engine. @throws AppError `invalid` when none or several could be meant */
export async function chooseOnnxFiles(
  listing: AsyncIterable<ModelFile>,
  named: string | undefined,
): Promise<OnnxFiles> {
  const all: ModelFile[] = [];
  for await (const file of listing) {
    checkPath(file.path);
    all.push(file);
    if (all.length > FILES_MAX) throw new AppError("invalid", `A model has at most ${FILES_MAX} files.`);
  }
  const path = named ?? (await namedByDescription(all)) ?? onlyOne(all);
  const model = all.find((file) => file.path === path);
  if (model === undefined) throw new AppError("invalid", `The model has no file ${path}.`);
  const folder = posix.dirname(path);
  const beside = all.filter(
    (file) => !NO_WEIGHTS.test(file.path) && (folder === "." || file.path.startsWith(`${folder}/`)),
  );
  return { file: path, files: [model, ...beside] };
}

async function namedByDescription(all: readonly ModelFile[]): Promise<string | undefined> {
  const description = all.find(({ path }) => path === DESCRIPTION);
  if (description === undefined || description.sizeBytes > DESCRIPTION_BYTES_MAX) return undefined;
  let content: unknown;
  try {
    content = parse(await text(await description.open()), { maxAliasCount: 0 });
  } catch (thrown) {
    throw new AppError("invalid", "The model's MLmodel is not YAML.", { cause: thrown });
  }
  const found = MlModel.safeParse(content);
  if (!found.success) return undefined;
  const { flavors } = found.data;
  if (flavors !== undefined && flavors.onnx === undefined)
    throw new AppError("invalid", "The model has no onnx flavour; serve it as pyfunc.");
  return flavors?.onnx?.data;
}

function onlyOne(all: readonly ModelFile[]): string {
  const models = all.filter(({ path }) => path.endsWith(".onnx"));
  const [only] = models;
  if (only !== undefined && models.length === 1) return only.path;
  const words = only === undefined ? "no .onnx file" : "several .onnx files; say which one to serve";
  throw new AppError("invalid", `The model has ${words}.`);
}
