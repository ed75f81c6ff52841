import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { ModelFile } from "./engines.ts";
import { chooseOnnxFiles } from "./onnx-files.ts";

async function* listing(files: Record<string, string>): AsyncGenerator<ModelFile> {
  for (const [path, content] of Object.entries(files)) {
    yield { path, sizeBytes: content.length, open: async () => Readable.from([Buffer.from(content)]) };
  }
}

async function chosen(files: Record<string, string>, named?: string): Promise<string[]> {
  return (await chooseOnnxFiles(listing(files), named)).files.map(({ path }) => path);
}

const ONNX = "flavors:\n  onnx:\n    data: data/model.onnx\n";

test("the description names the model, and what lies beside it may be its weights", async () => {
  const files = { MLmodel: ONNX, "other.onnx": "", "data/weights.data": "", "data/model.onnx": "" };
  expect(await chosen({ ...files, "requirements.txt": "", "data/notes.json": "" })).toEqual([
    "data/model.onnx",
    "data/weights.data",
  ]);
});

test("without a description the only model is it; a name decides among several", async () => {
  expect(await chosen({ "a.onnx": "" })).toEqual(["a.onnx"]);
  expect(await chosen({ "a.onnx": "", "b.onnx": "" }, "b.onnx")).toEqual(["b.onnx"]);
});

test.each([
  ["no model", {}],
  ["several models", { "a.onnx": "", "b.onnx": "" }],
  ["another flavour", { MLmodel: "flavors:\n  sklearn: {}\n", "a.onnx": "" }],
  ["a description that is no YAML", { MLmodel: "a: [", "a.onnx": "" }],
  ["a named file that is missing", { MLmodel: ONNX }],
  ["a path that climbs", { "../a.onnx": "" }],
])("%s is invalid", async (_what, files) => {
  await expect(chosen(files)).rejects.toMatchObject({ code: "invalid" });
});
