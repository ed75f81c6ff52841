import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { ServingEngine } from "@atrium/contract/serving";
import { parse } from "yaml";
import { z } from "zod";
import { AppError } from "#lib/errors";
import type { ModelFile, ModelFiles } from "#ports/engines";
import type { ServingDeps } from "./deps.ts";
import { SYSTEM } from "./system.ts";

const FILES_MAX = 5000; // A model of a large language model in shards has some hundred.
const FOLDERS_MAX = 1000;
const TEXT_BYTES_MAX = 1024 * 1024; // MLmodel and requirements are pages of text; examples are a handful of rows.
const PAGE = 1000;

export interface FolderAt {
  projectId: string;
  path: string;
}

/** What a model's folder says about itself. */
export interface ModelFolder {
  files: ModelFiles;
  /** The engines that can run it, the preferred one first. */
  engines: readonly ServingEngine[];
  /** Names of the columns it was trained on, in their order; empty when it does not say. */
  columns: readonly string[];
  requirements: readonly string[];
  /** A body for the scoring protocol that the model's maker saved; undefined when there is none. */
  example: unknown;
  /** Version of mlflow that wrote it, for its protocol's `/version`. */
  mlflowVersion: string | undefined;
}

/** Reads what stands in a model version's folder. @throws AppError `invalid` when it holds no model */
export async function readModelFolder(
  deps: Pick<ServingDeps, "artifacts">,
  at: FolderAt,
): Promise<ModelFolder> {
  const files = await listFiles(deps, at);
  if (files.length === 0) throw new AppError("invalid", "The model version has no files here to serve.");
  const read = (path: string) =>
    readText(
      deps,
      at,
      files.find((file) => file.path === path),
    );
  const description = readDescription(await read("MLmodel"));
  const engines: ServingEngine[] = [];
  const hasOnnx = files.some((file) => file.path.endsWith(".onnx"));
  if (description?.flavors.onnx !== undefined || hasOnnx) engines.push("onnx");
  if (description?.flavors.python_function !== undefined) engines.push("pyfunc");
  if (engines.length === 0) {
    throw new AppError(
      "invalid",
      "The model has neither an ONNX file nor the pyfunc flavour; no engine runs it.",
    );
  }
  const requirements = (await read("requirements.txt")) ?? "";
  const example = await read("serving_input_example.json");
  return {
    files: {
      digest: digestOf(files),
      files: async function* () {
        for (const file of files) yield modelFile(deps, at, file);
      },
    },
    engines,
    columns: description === undefined ? [] : columnsOf(description.signature?.inputs),
    requirements: requirements
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#")),
    example: example === undefined ? undefined : parsed(example),
    mlflowVersion: description?.mlflow_version,
  };
}

interface Listed {
  /** Below the model's folder. */
  path: string;
  sizeBytes: number;
  digest: string;
}

async function listFiles({ artifacts }: Pick<ServingDeps, "artifacts">, at: FolderAt): Promise<Listed[]> {
  const files: Listed[] = [];
  const folders = [at.path];
  for (let i = 0; i < folders.length && i < FOLDERS_MAX; i += 1) {
    let pageToken: string | undefined;
    do {
      const folder = { projectId: at.projectId, path: folders[i] ?? "" };
      const page = await artifacts.list(SYSTEM, folder, { pageSize: PAGE, pageToken });
      for (const entry of page.items) {
        if (entry.kind === "folder") folders.push(entry.path);
        else
          files.push({
            path: entry.path.slice(at.path.length + 1),
            sizeBytes: entry.sizeBytes,
            digest: entry.digest,
          });
      }
      pageToken = page.nextToken;
    } while (pageToken !== undefined && files.length <= FILES_MAX);
  }
  if (files.length > FILES_MAX || folders.length > FOLDERS_MAX)
    throw new AppError("invalid", `A model may have at most ${FILES_MAX} files in ${FOLDERS_MAX} folders.`);
  return files;
}

function modelFile({ artifacts }: Pick<ServingDeps, "artifacts">, at: FolderAt, file: Listed): ModelFile {
  const path = `${at.path}/${file.path}`;
  return {
    path: file.path,
    sizeBytes: file.sizeBytes,
    open: async (): Promise<Readable> =>
      (await artifacts.get(SYSTEM, { projectId: at.projectId, path })).bytes,
  };
}

async function readText(
  deps: Pick<ServingDeps, "artifacts">,
  at: FolderAt,
  file: Listed | undefined,
): Promise<string | undefined> {
  if (file === undefined || file.sizeBytes > TEXT_BYTES_MAX) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of await modelFile(deps, at, file).open()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function digestOf(files: readonly Listed[]): string {
  const hash = createHash("sha256");
  for (const { path, digest } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${path}\0${digest}\n`);
  return hash.digest("hex");
}

/** @remarks The file's form: mlflow/models/model.py, class Model. */
const Description = z.object({
  flavors: z.record(z.string(), z.unknown()).default({}),
  signature: z.object({ inputs: z.string().nullish() }).nullish(),
  mlflow_version: z.string().optional(),
});

function readDescription(text: string | undefined): z.output<typeof Description> | undefined {
  if (text === undefined) return undefined;
  try {
    return Description.parse(parse(text, { maxAliasCount: 0 }));
  } catch (cause) {
    throw new AppError("invalid", "The model's MLmodel file cannot be read.", { cause });
  }
}

const Columns = z.array(z.object({ name: z.string() }));

function columnsOf(text: string | null | undefined): string[] {
  const columns = Columns.safeParse(text ? parsed(text) : undefined);
  return columns.success ? columns.data.map(({ name }) => name) : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // An example or a signature is a help; a broken one is none.
  }
}
