import type { Engine, EngineSpec } from "../../server/src/ports/engines/engines.ts";
import type { Checks } from "../faults/lib/checks.ts";
import { engines, python, specOf } from "./lib/models.ts";
import { doubles, near, numbersOf, outcome, texts } from "./lib/values.ts";

const COLUMNS = ["a", "b", "n"];
const ONE = { a: 1, b: 0.5, n: 1 };
const OTHER = { a: 2.5, b: 0, n: 3 };
const ROWS = [Object.values(ONE), Object.values(OTHER)];

/** The same two rows in each form. */
const FORMS: readonly [string, unknown][] = [
  ["dataframe_split", { dataframe_split: { columns: COLUMNS, data: ROWS } }],
  ["dataframe_split with an index", { dataframe_split: { columns: COLUMNS, index: [7, 9], data: ROWS } }],
  [
    "columns in another order",
    { dataframe_split: { columns: COLUMNS.toReversed(), data: ROWS.map((row) => row.toReversed()) } },
  ],
  ["dataframe_records", { dataframe_records: [ONE, OTHER] }],
  ["instances", { instances: [ONE, OTHER] }],
  ["inputs of columns", { inputs: { a: [1, 2.5], b: [0.5, 0], n: [1, 3] } }],
];

const WRONG: readonly [string, unknown][] = [
  ["no JSON", "{"],
  ["a list", [1]],
  ["two forms at once", { inputs: [1], instances: [1] }],
  ["no form", { rows: [] }],
  ["a missing column", { dataframe_split: { columns: ["a"], data: [[1]] } }],
  ["text for a number", { dataframe_split: { columns: COLUMNS, data: [["one", 0.5, 1]] } }],
  ["nothing for a number", { dataframe_split: { columns: COLUMNS, data: [[1, 0.5, null]] } }],
  ["a row that is too short", { dataframe_split: { columns: COLUMNS, data: [[1, 2]] } }],
];

/** What only MLflow models have: scoring bodies, signatures that cast, user code. */
export async function pyfunc(checks: Checks, models: string): Promise<void> {
  const all = engines();
  await bodies(
    checks,
    await all.open(specOf(models, "columns", { kind: "pyfunc", batching: { rowsMax: 64, waitMs: 10 } })),
  );
  await tensors(checks, models, all);
  await userCode(checks, models, all);
  await all.stop();
}

async function ask(
  engine: Engine,
  body: unknown,
  contentType: "application/json" | "text/csv" = "application/json",
) {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const { value, ...error } = await outcome(engine.predict({ contentType, bytes }));
  return {
    ...error,
    said: value === undefined ? undefined : (JSON.parse(value.bytes.toString("utf8")) as unknown),
  };
}

function predictions(said: unknown): number[] {
  return (said as { predictions?: number[] } | undefined)?.predictions ?? [];
}

async function bodies(checks: Checks, engine: Engine): Promise<void> {
  const names = engine.signature.inputs.map(({ name, datatype }) => `${name} ${datatype}`).join();
  checks.that("columns are the signature's inputs", names === "a FP64,b FP64,n INT64", engine.signature);
  for (const [form, body] of FORMS) {
    const { said, ...error } = await ask(engine, body);
    checks.that(`${form} is answered`, near(predictions(said), [1.5, 2]), said ?? error);
  }
  const csv = await ask(engine, "a,b,n\n1,0.5,1\n2.5,0,3\n", "text/csv");
  checks.that("csv is answered", near(predictions(csv.said), [1.5, 2]), csv);
  await company(checks, engine);
  for (const [what, body] of WRONG) {
    const { code, message } = await ask(engine, body);
    checks.that(`${what} is invalid, in words`, code === "invalid" && (message ?? "").length > 10, {
      code,
      message,
    });
  }
  checks.that("no bad body ended the engine", engine.stats().restarts === 0);
  const byTensor = await engine.infer([
    doubles("a", [2, 1], [1, 2.5]),
    doubles("b", [2], [0.5, 0]),
    { name: "n", datatype: "INT64", shape: [2, 1], data: Buffer.from(BigInt64Array.of(1n, 3n).buffer) },
  ]);
  checks.that("tensors are columns too", near(numbersOf(byTensor[0]), [1.5, 2]), byTensor);
}

/** Different forms, good and bad, in one batch: each gets its own. */
async function company(checks: Checks, engine: Engine): Promise<void> {
  const before = engine.stats().batches.reduce((sum, { count }) => sum + count, 0);
  const all = await Promise.all(
    Array.from({ length: 30 }, (_, at) => {
      const n = at % 5 === 4 ? "many" : at;
      if (at % 3 === 0) return ask(engine, { dataframe_records: [{ a: at, b: 1, n }] });
      return ask(engine, {
        dataframe_split: {
          columns: COLUMNS,
          data: [
            [at, 1, n],
            [at, 2, n],
          ],
        },
      });
    }),
  );
  const right = all.every(({ said, code }, at) => {
    if (at % 5 === 4) return code === "invalid";
    return near(predictions(said), at % 3 === 0 ? [at + 1] : [at + 1, at + 2]);
  });
  checks.that("in mixed company each gets what it would get alone", right, all);
  const { batches } = engine.stats();
  checks.that(
    "and that took few batches",
    batches.reduce((sum, { count }) => sum + count, 0) - before <= 3,
    batches,
  );
}

async function tensors(checks: Checks, models: string, all: ReturnType<typeof engines>): Promise<void> {
  const engine = await all.open(specOf(models, "tensors", { kind: "pyfunc" }));
  checks.that(
    "a tensor's signature keeps its shape",
    engine.signature.inputs[0]?.shape.join() === "-1,3",
    engine.signature,
  );
  const data = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  for (const body of [{ inputs: data }, { instances: data }]) {
    const { said, ...error } = await ask(engine, body);
    checks.that(
      `${Object.keys(body)[0]} of numbers are answered`,
      near(predictions(said), [6, 15]),
      said ?? error,
    );
  }
  const rows = await Promise.all(data.map((row) => engine.infer([doubles("input", [1, 3], row)])));
  checks.that(
    "a tensor needs no name where there is one",
    near(
      rows.flatMap(([y]) => numbersOf(y)),
      [6, 15],
    ),
    rows,
  );
  const wrong = await outcome(engine.infer([doubles("input", [1, 2], [1, 2])]));
  checks.that(
    "another width is invalid in the model's words",
    wrong.code === "invalid" && /shape/i.test(wrong.message ?? ""),
    wrong,
  );
  await engine.close();
}

async function userCode(checks: Checks, models: string, all: ReturnType<typeof engines>): Promise<void> {
  const spec: EngineSpec & { lines: { stream: string; text: string }[] } = specOf(models, "scripted", {
    kind: "pyfunc",
    memoryMiB: 700,
    program: { kind: "pyfunc", python, variables: { MLFLOW_TRACKING_TOKEN: "of-this-project" } },
  });
  const engine = await all.open(spec);
  const word = async (text: string) => {
    const { value, ...error } = await outcome(engine.infer([texts("word", [text])], { deadlineMs: 60_000 }));
    return { ...error, text: value?.[0]?.data.toString("utf8", 4) ?? "" };
  };
  const { text: environment } = await word("environment");
  const names = environment.split("\n");
  checks.that("user code sees its own token", names.includes("MLFLOW_TRACKING_TOKEN"), names);
  const foreign = Object.keys(process.env).filter(
    (name) => names.includes(name) && !["PATH", "HOME", "LANG", "TMPDIR"].includes(name),
  );
  checks.that(
    "and nothing of ours",
    foreign.filter((name) => name !== "DO_NOT_TRACK" && !/THREADS$|TELEMETRY|MPL/.test(name)).length === 0,
    foreign,
  );
  checks.that(
    "what it raises is invalid in its words",
    (await word("fail")).message?.includes("ValueError: this word is not for me") === true,
  );
  checks.that("an exit in good manners is invalid", (await word("quit")).code === "invalid");
  await word("print");
  checks.that(
    "what it prints is told",
    spec.lines.some(({ stream, text }) => stream === "stdout" && text === "a line of the model"),
    spec.lines,
  );
  const greedy = await word("memory");
  checks.that("what can never fit is exhausted", greedy.code === "exhausted", greedy);
  checks.that("none of that ended it", engine.stats().restarts === 0, engine.stats());
  for (const crash of ["exit", "abort"]) {
    const { code, reason } = await word(crash);
    checks.that(`${crash} is a death`, code === "unavailable" && reason === "engine_died", { code, reason });
    checks.that(`after ${crash} it works again`, (await word("hello")).text.startsWith("hello/"));
  }
  await word("leak");
  const leaked = await word("sleep");
  checks.that(
    "who grows beyond the limit is ended",
    /MiB/.test(leaked.message ?? "") && leaked.reason === "engine_died",
    leaked,
  );
  checks.that("and started again", (await word("hello")).text.startsWith("hello/"));
  const params = await ask(engine, { dataframe_records: [{ word: "x" }], params: { times: 3 } });
  checks.that("params reach the model", JSON.stringify(params.said) === '{"predictions":["xxx/1"]}', params);
  const scalar = await Promise.all([word("whole"), word("whole"), word("whole")]);
  checks.that(
    "an answer that has no rows is given to each alone",
    scalar.every(({ code }) => code === undefined),
    scalar,
  );
  await engine.close();
}
