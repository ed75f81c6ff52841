import { expect, test } from "vitest";
import { readDocument } from "./document.ts";

function withOutputs(...outputs: object[]) {
  const cell = {
    id: "a",
    cell_type: "code",
    source: ["x = 1\n", "x"],
    metadata: {},
    outputs,
    execution_count: 1,
  };
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] });
}

function outputsOf(...outputs: object[]) {
  return readDocument(withOutputs(...outputs)).cells[0]?.outputs;
}

const display = (data: object) => ({ output_type: "display_data", metadata: {}, data });

test("sources and texts that are lists of lines are read as one", () => {
  const document = readDocument(withOutputs({ output_type: "stream", name: "stdout", text: ["a\n", "b"] }));
  expect(document.cells[0]).toMatchObject({ source: "x = 1\nx", executionCount: 1, state: null });
  expect(document.cells[0]?.outputs).toEqual([{ kind: "stream", name: "stdout", text: "a\nb", cut: false }]);
});

test("of several forms of an output the richest is taken", () => {
  const table = { "text/html": "<table></table>", "text/plain": "a b" };
  expect(outputsOf(display(table))).toEqual([{ kind: "html", html: "<table></table>" }]);
  expect(outputsOf(display({ ...table, "image/png": "aGk=\n" }))).toEqual([
    { kind: "image", mediaType: "image/png", base64: "aGk=" },
  ]);
  expect(outputsOf(display({ "text/plain": "a b" }))).toEqual([{ kind: "text", text: "a b", cut: false }]);
});

test("an SVG is an image's bytes, and an image that is none is left out", () => {
  const [svg] = outputsOf(display({ "image/svg+xml": "<svg onload='alert(1)'/>" })) ?? [];
  expect(svg).toMatchObject({ kind: "image", mediaType: "image/svg+xml" });
  expect(outputsOf(display({ "image/png": '"><script>' }))).toEqual([
    { kind: "omitted", mediaType: "image/png", sizeBytes: 10 },
  ]);
});

test("scripts are never shown, long texts are cut, and errors keep their traceback", () => {
  expect(outputsOf(display({ "application/javascript": "alert(1)" }))).toEqual([
    { kind: "omitted", mediaType: "application/javascript", sizeBytes: 10 },
  ]);
  const [long] = outputsOf({ output_type: "stream", name: "stderr", text: "x".repeat(200_000) }) ?? [];
  expect(long).toMatchObject({ name: "stderr", cut: true });
  const failure = { output_type: "error", ename: "ValueError", evalue: "no", traceback: ["a", "b"] };
  expect(outputsOf(failure)).toEqual([
    { kind: "error", name: "ValueError", message: "no", traceback: "a\nb" },
  ]);
});

test("what is no notebook is refused with what is wrong", () => {
  expect(() => readDocument("{")).toThrow(/not JSON/);
  expect(() => readDocument("{}")).toThrow(/format 4/);
  expect(() => readDocument('{"nbformat":4,"cells":[{"cell_type":"odd"}]}')).toThrow(/cells.0.cell_type/);
});
