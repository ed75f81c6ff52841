import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { newIdAt } from "#lib/ids";
import { judge } from "./canary.ts";
import { joinRow } from "./cold-start.ts";
import { segmentKey } from "./cold-tables.ts";
import { bucketOf, quantile } from "./latency-scale.ts";
import { readModelAddress } from "./model-name.ts";
import { idKeyOf, predictionIds, readPredictionId } from "./prediction-id.ts";
import { revisionBefore } from "./releases.ts";
import { checkRoutes, pick, withShare } from "./routing.ts";
import { predictionsOf, tensorsOf } from "./rows.ts";
import { readScoring } from "./scoring-body.ts";
import { decode, encode } from "./values.ts";

const KEY = idKeyOf(Buffer.alloc(32, 1));
const ID = "01hzzzzzzzzzzzzzzzzzzzzzzz";

test("a new deployment takes its share and the others keep their proportion", () => {
  expect(withShare([], "a", 10)).toEqual([{ deployment: "a", weight: 100 }]);
  const two = withShare([{ deployment: "a", weight: 100 }], "b", 10);
  expect(two).toEqual([
    { deployment: "a", weight: 90 },
    { deployment: "b", weight: 10 },
  ]);
  expect(withShare(two, "c", 100)).toEqual([{ deployment: "c", weight: 100 }]);
});

test("weights that are no division of the whole are refused", () => {
  expect(() => checkRoutes([{ deployment: "a", weight: 99 }])).toThrow(/add up to 99/);
  const twice = [
    { deployment: "a", weight: 50 },
    { deployment: "a", weight: 50 },
  ];
  expect(() => checkRoutes(twice)).toThrow(/named twice/);
});

test("ten thousand picks divide as the weights say, within sampling error", () => {
  const routes = [{ weight: 90 }, { weight: 10 }];
  let second = 0;
  for (let i = 0; i < 10_000; i += 1) if (pick(routes, (i + 0.5) / 10_000) === routes[1]) second += 1;
  expect(second).toBe(1000);
});

test("rolling back twice goes two steps back, not forth again", () => {
  const of = (number: number, routes: string, why: "deployed" | "rolled-back") => ({
    ...{ endpoint_id: "e", number, routes, why, at_ms: 0, made_by: "ada" },
  });
  const past = [
    of(4, "B", "rolled-back"),
    of(3, "C", "deployed"),
    of(2, "B", "deployed"),
    of(1, "A", "deployed"),
  ];
  expect(revisionBefore(past.slice(1))?.number).toBe(2);
  expect(revisionBefore(past)?.number).toBe(1);
  expect(revisionBefore(past.slice(3))).toBeUndefined();
});

test("a prediction's id tells its time and is known only to the endpoint that gave it", () => {
  const [one = ""] = predictionIds(KEY, { endpointId: "e", id: ID, rows: 1 });
  expect(readPredictionId(KEY, "e", one)).toBeTypeOf("number");
  expect(readPredictionId(KEY, "other", one)).toBeUndefined();
  expect(readPredictionId(KEY, "e", `${one.slice(0, -1)}${one.endsWith("0") ? "1" : "0"}`)).toBeUndefined();
  const many = predictionIds(KEY, { endpointId: "e", id: ID, rows: 3 });
  expect(many.map((id) => readPredictionId(KEY, "e", id) !== undefined)).toEqual([true, true, true]);
  expect(readPredictionId(KEY, "e", (many[2] ?? "").replace("3.2", "3.3"))).toBeUndefined();
  expect(readPredictionId(KEY, "e", "nonsense")).toBeUndefined();
  const tag = createHmac("sha256", KEY).update(`e\0${ID}\x001`).digest();
  const letters = [...tag.subarray(0, 16)].map((byte) => "0123456789abcdefghjkmnpqrstvwxyz"[byte & 31]);
  expect(one).toBe(`${ID}-${letters.join("")}`);
});

test("an id says when its prediction was made, also one of a replay", () => {
  const atMs = Date.UTC(2001, 5, 30, 17, 5);
  const idOf = () => predictionIds(KEY, { endpointId: "e", id: newIdAt(atMs), rows: 1 })[0] ?? "";
  const one = idOf();
  expect(readPredictionId(KEY, "e", one)).toBe(atMs);
  expect(idOf()).not.toBe(one);
});

test("a model is named by version or alias, and by nothing else", () => {
  expect(readModelAddress("models:/a b/3")).toEqual({ name: "a b", version: 3 });
  expect(readModelAddress("models:/delay@champion")).toEqual({ name: "delay", alias: "champion" });
  for (const bad of ["delay", "models:/", "models:/x/0", "models:/x@", "runs:/x/1"])
    expect(() => readModelAddress(bad)).toThrow(/models:/);
});

test("values keep what their datatype can hold and are refused by name when it cannot", () => {
  const cases = [
    ["FP16", [0, 1, -2.5, 65_504, 2 ** -24]],
    ["BF16", [0, 1, -2.5, 128]],
    ["FP64", [0.1, -1e300]],
    ["INT64", ["9223372036854775807", -5]],
    ["UINT8", [0, 255]],
    ["BOOL", [true, false]],
    ["BYTES", ["né", ""]],
  ] as const;
  for (const [datatype, values] of cases)
    expect(decode({ datatype, data: encode("x", datatype, values) }), datatype).toEqual(values);
  expect(decode({ datatype: "FP32", data: encode("x", "FP32", [null]) })).toEqual([null]);
  expect(() => encode("age", "INT8", [300])).toThrow("Input age is INT8 and cannot hold 300.");
  expect(() => encode("age", "INT64", ["9223372036854775808"])).toThrow(/age/);
});

test("rows become the model's one matrix by the columns it was trained on", () => {
  const signature = { inputs: [{ name: "X", datatype: "FP32" as const, shape: [-1, 2] }], outputs: [] };
  const [tensor] = tensorsOf(
    signature,
    ["a", "b"],
    [
      { b: 2, a: 1 },
      { a: 3, b: 4 },
    ],
  );
  expect(tensor?.shape).toEqual([2, 2]);
  expect(tensor && decode(tensor)).toEqual([1, 2, 3, 4]);
  expect(() => tensorsOf(signature, ["a", "b"], [{ a: 1 }])).toThrow("Row 0 lacks the input b.");
  expect(() => tensorsOf(signature, ["a", "b"], [{ a: 1, b: 2, c: 3 }])).toThrow(/no input c/);
});

test("outputs are divided among the rows, by name where there are several", () => {
  const label = { name: "label", datatype: "INT64" as const, shape: [2], data: encode("l", "INT64", [0, 1]) };
  const chance = {
    name: "p",
    datatype: "FP64" as const,
    shape: [2, 2],
    data: encode("p", "FP64", [1, 0, 0.5, 0.5]),
  };
  expect(predictionsOf([label], 2)).toEqual([0, 1]);
  expect(predictionsOf([label, chance], 2)).toEqual([
    { label: 0, p: [1, 0] },
    { label: 1, p: [0.5, 0.5] },
  ]);
});

test("every scoring format is read, and a body with none or two of them is refused", () => {
  const rows = (body: object) =>
    readScoring({ contentType: "application/json", bytes: Buffer.from(JSON.stringify(body)) }).rows;
  const wanted = [
    { a: 1, b: "x" },
    { a: 2, b: "y" },
  ];
  expect(
    rows({
      dataframe_split: {
        columns: ["a", "b"],
        data: [
          [1, "x"],
          [2, "y"],
        ],
      },
    }),
  ).toEqual(wanted);
  expect(rows({ dataframe_records: wanted })).toEqual(wanted);
  expect(rows({ instances: wanted })).toEqual(wanted);
  expect(rows({ inputs: { a: [1, 2], b: ["x", "y"] } })).toEqual(wanted);
  const csv = Buffer.from('a,b\r\n1,"x"\n2,y\n');
  expect(readScoring({ contentType: "text/csv", bytes: csv }).rows).toEqual(wanted);
  expect(() => rows({})).toThrow(/exactly one/);
  expect(() => rows({ inputs: [], instances: [] })).toThrow(/exactly one/);
  expect(() => rows({ dataframe_split: { columns: ["a"], data: [[1, 2]] } })).toThrow(/Row 0/);
});

test("a quantile is told to within one step of the scale", () => {
  const counts: number[] = [];
  for (let ms = 1; ms <= 1000; ms += 1) counts[bucketOf(ms)] = (counts[bucketOf(ms)] ?? 0) + 1;
  const median =
    quantile(
      Array.from(counts, (count) => count ?? 0),
      0.5,
    ) ?? 0;
  expect(median).toBeGreaterThanOrEqual(500);
  expect(median).toBeLessThan(500 * 1.25);
});

test("a candidate that errs is called worse, one like the baseline can be promoted, a young one waits", () => {
  const side = (deployment: string, predictions: number, errors: number) => {
    const latencies = Array.from({ length: 21 }, (_, i) => (i === 20 ? predictions : 0));
    return { deployment, predictions, errors, latencies };
  };
  expect(judge(side("1", 9000, 9), side("2", 1000, 80)).advice).toBe("roll-back");
  expect(judge(side("1", 90_000, 90), side("2", 20_000, 20)).advice).toBe("promote");
  expect(judge(side("1", 90, 0), side("2", 10, 0)).advice).toBe("wait");
});

const SERVICE = {
  name: "flight",
  joinKeys: [{ name: "origin", type: "string" as const }],
  features: [{ name: "delay_mean", view: "airport", type: "float64" as const, default: undefined }],
};
const column = (status: "present" | "missing", value: number | null) => [
  { name: "delay_mean", view: "airport", values: [value], statuses: [status], eventMs: [null] },
];
const chained = (...chain: object[]) =>
  ({ kind: "entities", featureService: "flight", requestValues: [], coldStart: { chain } }) as never;

test("a known entity asks the model; a new one goes down the chain and the answer says which step it was", () => {
  const tables = new Map([
    [
      1,
      {
        kind: "segment" as const,
        overall: 5,
        groups: new Map([[segmentKey(["WN"]), { value: 9, count: 40 }]]),
      },
    ],
    [2, { kind: "popularity" as const, items: ["ATL", "ORD"] }],
  ]);
  const input = chained(
    { kind: "defaults", values: {}, shareMax: 1 },
    { kind: "segment", by: ["carrier"], countMin: 30, statistic: "mean", priorCount: 10 },
    { kind: "popularity", limit: 1 },
    { kind: "constant", value: 0 },
  );
  const ask = (given: Record<string, unknown>, columns: ReturnType<typeof column>) =>
    joinRow({ input, service: SERVICE, tables }, given, { columns, row: 0 });
  expect(ask({ origin: "ATL" }, column("present", 3))).toMatchObject({
    servedBy: "model",
    cohort: "known",
    share: 0,
  });
  expect(ask({ origin: "X", carrier: "WN" }, column("missing", null))).toMatchObject({
    ...{ servedBy: "segment", cohort: "new", answer: (40 * 9 + 10 * 5) / 50, share: 1 },
  });
  expect(ask({ origin: "X", carrier: "??" }, column("missing", null))).toMatchObject({
    servedBy: "popularity",
    answer: "ATL",
  });
  const defaults = joinRow(
    {
      input: chained({ kind: "defaults", values: { delay_mean: 7 }, shareMax: 1 }),
      service: SERVICE,
      tables,
    },
    { origin: "X" },
    { columns: column("missing", null), row: 0 },
  );
  expect(defaults).toMatchObject({
    ask: "model",
    servedBy: "defaults",
    cohort: "new",
    row: { delay_mean: 7 },
  });
});
