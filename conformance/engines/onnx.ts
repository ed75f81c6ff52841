import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  DATATYPE_BYTES,
  type Datatype,
  joinBytes,
  type Tensor,
} from "../../server/src/ports/engines/tensors.ts";
import type { Checks } from "../faults/lib/checks.ts";
import { engines, modelIn, specOf } from "./lib/models.ts";
import { floats, near, numbersOf, outcome } from "./lib/values.ts";

const NO_SUCH_TYPE = new Set<Datatype>(["BF16"]); // The runtime's binding does not have it.

/** What only ONNX models have. */
export async function onnx(checks: Checks, models: string): Promise<void> {
  const all = engines();
  await datatypes(checks, models, all);
  await classifiers(checks, models, all);
  await text(checks, models, all);
  await weights(checks, models, all);
  await refusals(checks, models, all);
  await all.stop();
}

type All = ReturnType<typeof engines>;

async function datatypes(checks: Checks, models: string, all: All): Promise<void> {
  for (const datatype of Object.keys(DATATYPE_BYTES) as Datatype[]) {
    if (NO_SUCH_TYPE.has(datatype)) continue;
    const engine = await all.open(specOf(models, `identity-${datatype.toLowerCase()}`, { kind: "onnx" }));
    const [spec] = engine.signature.inputs;
    checks.that(
      `${datatype}: the signature says so`,
      spec?.datatype === datatype && spec.shape.join() === "-1,2",
      spec,
    );
    const asked = [1, 3, 2].map((rows) => [{ ...someOf(datatype, rows * 2), shape: [rows, 2] }]);
    const found = await Promise.all(asked.map((inputs) => outcome(engine.infer(inputs))));
    const same = found.every(({ value }, at) => {
      const [x, y] = [asked[at]?.[0], value?.[0]];
      return y?.datatype === datatype && y.shape.join() === x?.shape.join() && y.data.equals(x.data);
    });
    checks.that(`${datatype}: requests of several sizes come back bit by bit`, same, found);
    await engine.close();
  }
}

/** Bits of every kind; what is no number is one too. */
function someOf(datatype: Datatype, count: number): Tensor {
  const size = DATATYPE_BYTES[datatype];
  if (size === undefined) {
    const words = ["", "grüße", "a b", "日本", "x".repeat(300), "z"];
    return {
      name: "x",
      datatype,
      shape: [count],
      data: joinBytes(words.slice(0, count).map((word) => Buffer.from(word))),
    };
  }
  const pattern = datatype === "BOOL" ? (at: number) => at % 2 : (at: number) => (at * 37 + 1) % 256;
  return {
    name: "x",
    datatype,
    shape: [count],
    data: Buffer.from(Array.from({ length: count * size }, (_, at) => pattern(at))),
  };
}

async function classifiers(checks: Checks, models: string, all: All): Promise<void> {
  const said = JSON.parse(readFileSync(join(models, "classifier.json"), "utf8")) as {
    data: number[][];
    labels: number[];
    probabilities: number[][];
  };
  for (const name of ["classifier-zipmap", "classifier-plain"]) {
    const engine = await all.open(specOf(models, name, { kind: "onnx" }));
    const found = await Promise.all(said.data.map((row) => engine.infer([floats("X", [1, 4], row)])));
    const labels = found.flatMap(([label]) => numbersOf(label));
    checks.that(`${name}: the labels are scikit-learn's`, labels.join() === said.labels.join(), labels);
    const right = found.every(([, table], at) => near(numbersOf(table), said.probabilities[at] ?? []));
    checks.that(
      `${name}: so are the probabilities, rows by classes`,
      right && found[0]?.[1]?.shape.join() === "1,3",
    );
    await engine.close();
  }
}

/** The runtime ends text at a NUL and replaces what is not UTF-8: better refused than changed. */
async function text(checks: Checks, models: string, all: All): Promise<void> {
  const engine = await all.open(specOf(models, "identity-bytes", { kind: "onnx" }));
  for (const [what, bytes] of [
    ["NUL", Buffer.from("a\0b")],
    ["other bytes than UTF-8", Buffer.from([0xff, 0xfe])],
  ] as const) {
    const data = joinBytes([bytes, Buffer.from("b")]);
    const { code, message } = await outcome(
      engine.infer([{ name: "x", datatype: "BYTES", shape: [1, 2], data }]),
    );
    checks.that(`text with ${what} is invalid`, code === "invalid", { code, message });
  }
  await engine.close();
}

async function weights(checks: Checks, models: string, all: All): Promise<void> {
  const row = floats(
    "x",
    [1, 128],
    Array.from({ length: 128 }, (_, at) => Math.sin(at)),
  );
  const found: number[][] = [];
  for (const name of ["mlp", "mlp-external"]) {
    const engine = await all.open(specOf(models, name, { kind: "onnx" }));
    const [y] = await engine.infer([row]);
    found.push(numbersOf(y));
    await engine.close();
  }
  const sum = found[0]?.reduce((total, value) => total + value, 0) ?? 0;
  checks.that(
    "weights beside the model are the same as in it",
    near([sum], [1]) && near(found[0] ?? [], found[1] ?? []),
    found,
  );
}

async function refusals(checks: Checks, models: string, all: All): Promise<void> {
  const engine = await all.open(specOf(models, "mlp", { kind: "onnx" }));
  const row = floats("x", [1, 128], new Array(128).fill(0));
  const wrong: [string, Tensor[]][] = [
    ["a missing input", []],
    ["an input of another name", [{ ...row, name: "z" }]],
    ["an input too many", [row, { ...row, name: "z" }]],
    ["an input twice", [row, row]],
    ["another type", [{ ...row, datatype: "INT32" }]],
    ["another width", [floats("x", [1, 64], new Array(64).fill(0))]],
    ["another rank", [floats("x", [128], new Array(128).fill(0))]],
    ["fewer bytes than the shape says", [{ ...row, data: row.data.subarray(4) }]],
    ["a negative length", [{ ...row, shape: [-1, 128] }]],
  ];
  for (const [what, inputs] of wrong) {
    const { code, message } = await outcome(engine.infer(inputs));
    checks.that(`${what} is invalid`, code === "invalid", { code, message });
  }
  const none = await outcome(engine.infer([floats("x", [0, 128], [])]));
  checks.that("no rows are answered by no rows", none.value?.[0]?.shape.join() === "0,10", none);
  const body = { contentType: "application/json", bytes: Buffer.from("{}") } as const;
  checks.that("a scoring body is invalid", (await outcome(engine.predict(body))).code === "invalid");
  await engine.close();
  const broken = { ...specOf(models, "mlp", { kind: "onnx" }), model: modelIn(join(models, "columns")) };
  const flavour = await outcome(all.open(broken));
  checks.that("a model of another flavour is invalid", flavour.code === "invalid", flavour);
  const noModel = { ...broken, program: { kind: "onnx", file: "conda.yaml" } as const };
  const text = await outcome(all.open(noModel));
  checks.that("a file that is no model is invalid", text.code === "invalid", text);
  const bad = await outcome(
    all.open(
      specOf(models, "mlp", {
        kind: "onnx",
        program: { kind: "onnx", example: [{ ...row, shape: [2, 64] }] },
      }),
    ),
  );
  checks.that("a model that fails on its example is not ready", bad.code === "invalid", bad);
}
