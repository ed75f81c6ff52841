import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, expect, test } from "vitest";
import type { ModelFile } from "./engines.ts";
import { layModel, sweepModels } from "./model-folder.ts";

const directory = mkdtempSync(join(tmpdir(), "atrium-memory-"));
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
});

async function* listing(...paths: string[]): AsyncGenerator<ModelFile> {
  for (const path of paths) {
    yield { path, sizeBytes: path.length, open: async () => Readable.from([Buffer.from(path)]) };
  }
}

test("a model lies in a folder for us alone, and goes with it", async () => {
  const folder = await layModel(directory, listing("MLmodel", "data/a/b.bin"));
  expect(readFileSync(join(folder.model, "data/a/b.bin"), "utf8")).toBe("data/a/b.bin");
  expect(statSync(dirname(folder.model)).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder.home)).toEqual([]);
  await folder.remove();
  expect(readdirSync(directory)).toEqual([]);
});

test("a sweep leaves those of living processes and takes those of dead ones", async () => {
  const { model } = await layModel(directory, listing("MLmodel"));
  const ours = dirname(model);
  sweepModels(directory);
  expect(readdirSync(directory)).toHaveLength(1);
  const dead = String(spawnSync("true").pid);
  renameSync(ours, ours.replace(`-${process.pid}-`, `-${dead}-`));
  sweepModels(directory);
  expect(readdirSync(directory)).toEqual([]);
});

test.each(["../x", "/x", "a//b", "a/../../x", ".", "a\0b"])(
  "the path %j is refused and leaves nothing",
  async (path) => {
    await expect(layModel(directory, listing("MLmodel", path))).rejects.toMatchObject({ code: "invalid" });
    expect(readdirSync(directory)).toEqual([]);
  },
);

test("a file that ends early leaves nothing", async () => {
  async function* short(): AsyncGenerator<ModelFile> {
    yield { path: "MLmodel", sizeBytes: 9, open: async () => Readable.from([Buffer.from("x")]) };
  }
  await expect(layModel(directory, short())).rejects.toMatchObject({ code: "unavailable" });
  expect(readdirSync(directory)).toEqual([]);
});
