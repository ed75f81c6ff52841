import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, openHouse } from "../../testing/house.ts";
import { valueText } from "./wire/answer.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const now = Math.floor(Date.now() / 60_000) * 60;
let house: House;

beforeAll(async () => {
  house = await openHouse();
  const project = (await house.modules.projects.resolve("default"))?.id ?? "";
  const points = Array.from({ length: 10 }, (_, i) => ({
    atMs: (now - 600 + i * 60) * 1000,
    ...{ unit: "", help: "Requests.", counts: "total" as const, kind: "counter" as const },
  }));
  await house.modules.telemetry.recordMetrics(project, [
    ...points.map((point, i) => ({ ...point, name: "requests_total", labels: { host: "a" }, value: i * 6 })),
    ...points.map((point, i) => ({ ...point, name: "requests_total", labels: { host: "b" }, value: i * 12 })),
    ...points.map((point) => ({ ...point, name: "took_bucket", labels: { le: "+Inf" }, value: 1 })),
    ...points.map((point) => ({
      ...point,
      name: "odd",
      kind: "gauge" as const,
      labels: {},
      value: Number.NaN,
    })),
  ]);
});
afterAll(() => house.close());

async function ask(path: string, params: Record<string, string> | [string, string][] = {}) {
  const { status, text } = await house.ask("GET", `/prometheus/api/v1${path}?${new URLSearchParams(params)}`);
  return { status, ...JSON.parse(text) };
}
const time = String(now - 30);

test("an instant query answers a vector, a scalar or a matrix in their form", async () => {
  expect(await ask("/query", { query: 'requests_total{host="a"}', time })).toEqual({
    status: "success",
    data: {
      resultType: "vector",
      result: [{ metric: { __name__: "requests_total", host: "a" }, value: [now - 30, "54"] }],
    },
  });
  expect((await ask("/query", { query: "1/3", time })).data).toEqual({
    resultType: "scalar",
    result: [now - 30, "0.3333333333333333"],
  });
  expect((await ask("/query", { query: "odd", time })).data.result[0].value[1]).toBe("NaN");
  const matrix = (await ask("/query", { query: "requests_total[2m]", time })).data;
  expect(matrix.resultType).toBe("matrix");
  expect(matrix.result[1].values).toEqual([
    [now - 120, "96"],
    [now - 60, "108"],
  ]);
});

test("a range query answers a matrix, asked by address or by form", async () => {
  const params = {
    query: "sum(rate(requests_total[5m]))",
    start: String(now - 120),
    end: new Date((now - 60) * 1000).toISOString(),
    step: "1m",
  };
  const byAddress = await ask("/query_range", params);
  expect(byAddress.data).toEqual({
    resultType: "matrix",
    result: [
      {
        metric: {},
        values: [
          [now - 120, "0.30000000000000004"],
          [now - 60, "0.30000000000000004"],
        ],
      },
    ],
  });
  const { text } = await house.ask("POST", "/prometheus/api/v1/query_range", {
    headers: FORM,
    body: new URLSearchParams(params).toString(),
  });
  expect(JSON.parse(text)).toEqual(byAddress);
});

test("series, labels, their values and metadata tell what there is", async () => {
  expect(
    (
      await ask("/series", [
        ["match[]", "requests_total"],
        ["match[]", '{host="a"}'],
      ])
    ).data,
  ).toEqual([
    { __name__: "requests_total", host: "a" },
    { __name__: "requests_total", host: "b" },
  ]);
  expect((await ask("/labels")).data).toEqual(["__name__", "host", "le"]);
  expect((await ask("/labels", { "match[]": "odd" })).data).toEqual(["__name__"]);
  expect((await ask("/label/__name__/values")).data).toEqual(["odd", "requests_total", "took_bucket"]);
  expect((await ask("/label/host/values", { limit: "1" })).data).toEqual(["a"]);
  expect((await ask("/label/host/values", { start: String(now + 86_400) })).data).toEqual([]);
  expect((await ask("/metadata")).data).toEqual({
    odd: [{ type: "gauge", help: "Requests.", unit: "" }],
    requests_total: [{ type: "counter", help: "Requests.", unit: "" }],
    took: [{ type: "histogram", help: "Requests.", unit: "" }],
  });
  expect((await ask("/status/buildinfo")).data.version).toMatch(/^\d+\.\d+\.\d+$/);
});

test("bad questions are refused in their form", async () => {
  const bad: [string, Record<string, string>, RegExp][] = [
    ["/query", {}, /"query".*missing/],
    ["/query", { query: "sum(" }, /unexpected/],
    ["/query", { query: "m", time: "yesterday" }, /"time"/],
    ["/query_range", { query: "m", start: "0", end: "1", step: "0" }, /"step"/],
    ["/query_range", { query: "m", start: "2", end: "1", step: "1" }, /"end"/],
    ["/query_range", { query: "m", start: "0", end: "100000", step: "1" }, /11000|11,000/],
    ["/query_range", { query: "m[5m]", start: "0", end: "1", step: "1" }, /range vector/],
    ["/series", {}, /match/],
    ["/series", { "match[]": "rate(m[5m])" }, /no selector/],
    ["/label/a-b/values", {}, /invalid label name/],
    ["/labels", { limit: "-1" }, /limit/],
  ];
  for (const [path, params, why] of bad) {
    const answer = await ask(path, params);
    expect([path, answer.status === "error" && answer.errorType]).toEqual([path, "bad_data"]);
    expect(answer.error).toMatch(why);
  }
  const { status, text } = await house.ask("GET", "/prometheus/api/v1/alertmanagers");
  expect([status, JSON.parse(text).errorType]).toEqual([404, "not_found"]);
  const post = await house.ask("POST", "/prometheus/api/v1/query", { body: { query: "1" } });
  expect([post.status, JSON.parse(post.text).errorType]).toEqual([400, "bad_data"]);
  const unsigned = await house.ask("GET", "/prometheus/api/v1/query?query=1", { token: "" });
  expect([unsigned.status, JSON.parse(unsigned.text).errorType]).toEqual([401, "unauthorized"]);
  const twins = await house.ask(
    "GET",
    `/prometheus/api/v1/query?query=${encodeURIComponent('abs({__name__=~"odd|took_bucket",le=""} or {__name__="requests_total",host="a"}) + on() {__name__="requests_total"}')}`,
  );
  expect([twins.status, JSON.parse(twins.text).errorType]).toEqual([422, "execution"]);
});

test("whoever asks whether somebody is there is told", async () => {
  for (const path of ["/prometheus/", "/prometheus/-/ready", "/prometheus/-/healthy"])
    expect((await house.ask("GET", path, { token: "" })).status).toBe(200);
});

test("numbers are written as Prometheus writes them", () => {
  const texts = {
    1: "1",
    0.5: "0.5",
    1e21: "1e+21",
    1e-7: "1e-07",
    1.5e-10: "1.5e-10",
    100000000000000000000: "100000000000000000000",
  };
  for (const [value, text] of Object.entries(texts)) expect(valueText(Number(value))).toBe(text);
  expect([Infinity, -Infinity, Number.NaN, -0].map(valueText)).toEqual(["+Inf", "-Inf", "NaN", "-0"]);
});
