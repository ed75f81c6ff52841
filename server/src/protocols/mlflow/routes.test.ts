import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, openHouse } from "../../testing/house.ts";

const API = "/api/2.0/mlflow";
const FILES = "/api/2.0/mlflow-artifacts/artifacts";
const JSON_TYPE = { "content-type": "application/json" };

const START_MS = 60_000; // A house starts in two seconds, on a machine that is busy in many more.
let house: House;
let port: number;

beforeAll(async () => {
  house = await openHouse();
  await new Promise<void>((listening) => house.app.http.listen(0, "127.0.0.1", listening));
  const address = house.app.http.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
}, START_MS);
afterAll(() => house.close());

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const answer = await house.ask("POST", API + path, { body, headers });
  return { status: answer.status, json: JSON.parse(answer.text) };
}
async function get(path: string, headers: Record<string, string> = {}) {
  const answer = await house.ask("GET", path, { headers });
  return { status: answer.status, json: JSON.parse(answer.text) };
}
async function newRun(given: object = {}): Promise<{ info: Record<string, string> }> {
  return (await post("/runs/create", { experiment_id: "0", ...given })).json.run;
}

test("a request without login is told so in plain text, with the challenge that their client knows", async () => {
  const anonymous = await house.ask("GET", `${API}/experiments/get?experiment_id=0`, { token: "" });
  expect(anonymous.status).toBe(401);
  expect(anonymous.headers["content-type"]).toMatch(/^text\/plain/);
  expect(anonymous.headers["www-authenticate"]).toBe('Basic realm="mlflow"');
  const wrong = await house.ask("GET", `${API}/experiments/get?experiment_id=0`, { token: "no-such-token" });
  expect([wrong.status, wrong.headers["www-authenticate"]]).toEqual([401, 'Basic realm="mlflow"']);
});

test("anybody may ask whether the server is there and what it is", async () => {
  const asked = async (path: string) => (await house.ask("GET", path, { token: "" })).text;
  expect(await asked("/health")).toBe("OK");
  expect(await asked("/version")).toBe("0+atrium.0.0.0");
  expect(JSON.parse(await asked("/api/3.0/mlflow/server-info"))).toMatchObject({
    store_type: "SqlStore",
    workspaces_enabled: true,
  });
});

test("a procedure that is not there is a 404 without JSON, whatever is sent", async () => {
  const asked: [string, string, object][] = [
    ["GET", `${API}/no-such`, {}],
    ["POST", "/api/3.0/mlflow/traces", { body: "{not json", headers: JSON_TYPE }],
    ["POST", `${API}/traces`, { body: "x", headers: { "content-type": "text/plain" } }],
    ["GET", "/ajax-api/2.0/mlflow/gateway-proxy", { token: "" }],
    ["POST", `${API}/runs/get`, { body: {} }],
  ];
  for (const [method, path, given] of asked) {
    const answer = await house.ask(method, path, given);
    expect([answer.status, answer.headers["content-type"]], path).toEqual([404, "text/plain"]);
  }
});

test("a project that is not there is told in their envelope", async () => {
  const { status, json } = await get(`${API}/experiments/get?experiment_id=0`, {
    "x-mlflow-workspace": "nope",
  });
  expect([status, json.error_code]).toEqual([404, "RESOURCE_DOES_NOT_EXIST"]);
});

test("a body that is no JSON, no object or no application/json is told in their envelope", async () => {
  const refusals: [unknown, Record<string, string>, string][] = [
    ["{not json", JSON_TYPE, "The request's body is not JSON."],
    ["[1]", JSON_TYPE, "The request's body must be a JSON object."],
    [
      "{}",
      { "content-type": "text/plain" },
      "Bad Request. Content-Type must be one of ['application/json'].",
    ],
    [Buffer.from("{}"), {}, "Bad Request. Content-Type header is missing."],
  ];
  for (const [body, headers, message] of refusals) {
    const answer = await house.ask("POST", `${API}/runs/create`, { body, headers });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({ error_code: "INVALID_PARAMETER_VALUE", message });
  }
  const huge = await house.ask("POST", `${API}/runs/create`, {
    body: " ".repeat(17 * 1024 * 1024),
    headers: JSON_TYPE,
  });
  expect(huge.status).toBe(413);
});

test("a body encoded twice, as old clients send it, is read", async () => {
  const body = JSON.stringify(JSON.stringify({ experiment_id: "0", run_name: "twice" }));
  const answer = await house.ask("POST", `${API}/runs/create`, { body, headers: JSON_TYPE });
  expect(JSON.parse(answer.text).run.info.run_name).toBe("twice");
});

test("what is wrong with one value is told by the name that the caller gave", async () => {
  const { info } = await newRun();
  const tag = await post("/runs/set-tag", { run_id: info.run_id, key: "a$b", value: "x" });
  expect(tag.json.message).toMatch(/^Invalid value "a\$b" for parameter 'key' supplied/);
  const batch = await post("/runs/log-batch", { run_id: info.run_id, tags: [{ key: "a$b", value: "x" }] });
  expect(batch.json.message).toMatch(/^Invalid value "a\$b" for parameter 'tags\[0\].key' supplied/);
});

test("every procedure answers below /ajax-api as well", async () => {
  const twin = await get("/ajax-api/2.0/mlflow/experiments/get?experiment_id=0");
  expect(twin).toEqual(await get(`${API}/experiments/get?experiment_id=0`));
});

test("an experiment's artifacts cannot be sent to another store", async () => {
  const asked = { name: "elsewhere", artifact_location: "s3://bucket/path" };
  const refused = await post("/experiments/create", asked);
  expect(refused.status).toBe(400);
  expect(refused.json.message).toContain("'artifact_location' cannot name another place");
  expect((await post("/experiments/create", { ...asked, artifact_location: "" })).status).toBe(200);
});

test("more runs than fit into one page come in one answer, as many as the client wanted", async () => {
  const experiment = (await post("/experiments/create", { name: "many" })).json.experiment_id;
  const { projects, tracking, identity } = house.modules;
  const owner = await identity.authenticate({
    authorization: `Bearer ${house.adminToken}`,
    ip: "127.0.0.1",
    userAgent: "test",
    requestId: "r",
  });
  const { id: projectId } = await projects.get(owner, "default");
  for (let i = 0; i < 1010; i += 101) {
    await Promise.all(
      Array.from({ length: 101 }, () =>
        tracking.runs.create(owner, projectId, { experimentId: experiment, tags: [] }),
      ),
    );
  }
  const search = { experiment_ids: [experiment], max_results: 1005 };
  const first = (await post("/runs/search", search)).json;
  expect(first.runs).toHaveLength(1005);
  const rest = (await post("/runs/search", { ...search, page_token: first.next_page_token })).json;
  expect(rest.runs).toHaveLength(5);
  expect(rest.next_page_token).toBeUndefined();
  const ids = [...first.runs, ...rest.runs].map((run: { info: { run_id: string } }) => run.info.run_id);
  expect(new Set(ids).size).toBe(1010);
}, 30_000);

test("a metric's history is paged as asked, and whole when no number is given", async () => {
  const { info } = await newRun();
  const points = Array.from({ length: 5 }, (_, step) => ({ key: "m", value: step / 2, timestamp: 9, step }));
  const values = [
    ...points,
    { key: "m", value: "NaN", timestamp: 10 },
    { key: "m", value: "-Infinity", timestamp: 11 },
  ];
  expect(await post("/runs/log-batch", { run_id: info.run_id, metrics: values })).toEqual({
    status: 200,
    json: {},
  });
  const path = `${API}/metrics/get-history?run_id=${info.run_id}&metric_key=m`;
  const whole = (await get(path)).json;
  expect(whole.metrics.map((point: { value: unknown }) => point.value)).toEqual([
    0,
    0.5,
    1,
    1.5,
    2,
    "NaN",
    -1.7976931348623157e308,
  ]);
  const first = (await get(`${path}&max_results=3`)).json;
  expect(first.metrics).toEqual(whole.metrics.slice(0, 3));
  const rest = (await get(`${path}&max_results=10&page_token=${first.next_page_token}`)).json;
  expect(rest).toEqual({ metrics: whole.metrics.slice(3) });
  const bulk = (await get(`${API}/metrics/get-history-bulk?run_id=${info.run_id}&metric_key=m`)).json;
  expect(bulk.metrics[1]).toEqual({ ...whole.metrics[1], run_id: info.run_id });
  expect((await get(`${path}&max_results=0`)).status).toBe(400);
});

test("the list of logged models that 2.x clients keep grows in a tag of the run", async () => {
  const { info } = await newRun();
  const model = {
    run_id: info.run_id,
    artifact_path: "m",
    flavors: {},
    utc_time_created: "now",
    signature: "x",
  };
  for (const artifact_path of ["a", "b"]) {
    const model_json = JSON.stringify({ ...model, artifact_path });
    expect((await post("/runs/log-model", { run_id: info.run_id, model_json })).status).toBe(200);
  }
  const { run } = (await get(`${API}/runs/get?run_id=${info.run_id}`)).json;
  const tag = run.data.tags.find((one: { key: string }) => one.key === "mlflow.log-model.history");
  expect(JSON.parse(tag.value).map((one: { artifact_path: string }) => one.artifact_path)).toEqual([
    "a",
    "b",
  ]);
  expect((await post("/runs/log-model", { run_id: info.run_id, model_json: "x" })).status).toBe(400);
});

test("files go in and out as they are, whole or in part, and are only ever downloads", async () => {
  const { info } = await newRun();
  const below = `0/${info.run_id}/artifacts`;
  const at = `${FILES}/${below}/dir`;
  const bytes = Buffer.from("{not json but bytes");
  const put = await house.ask("PUT", `${at}/a%20b.html`, {
    body: bytes,
    headers: { "content-type": "text/html" },
  });
  expect([put.status, put.text]).toEqual([200, ""]);
  await house.ask("PUT", `${at}/empty`);
  const whole = await house.ask("GET", `${at}/a%20b.html`);
  expect([whole.status, whole.text]).toEqual([200, bytes.toString()]);
  expect(whole.headers["content-disposition"]).toMatch(/^attachment; filename="a b.html"/);
  expect(whole.headers["content-security-policy"]).toContain("sandbox");
  const part = await house.ask("GET", `${at}/a%20b.html`, { headers: { range: "bytes=1-3" } });
  expect([part.status, part.text]).toEqual([206, "not"]);
  const beyond = await house.ask("GET", `${at}/a%20b.html`, { headers: { range: "bytes=100-" } });
  expect([beyond.status, JSON.parse(beyond.text).error_code]).toEqual([416, "INVALID_PARAMETER_VALUE"]);
  expect((await get(`${FILES}?path=${below}/dir`)).json).toEqual({
    files: [
      { path: "a b.html", is_dir: false, file_size: bytes.length },
      { path: "empty", is_dir: false, file_size: 0 },
    ],
  });
});

test("a missing file is not found, a listing of a file or of nothing is empty, deleting twice is fine", async () => {
  const { info } = await newRun();
  const below = `0/${info.run_id}`;
  await house.ask("PUT", `${FILES}/${below}/artifacts/f`, { body: Buffer.from("x") });
  expect((await get(`${FILES}?path=${below}/artifacts/f`)).json).toEqual({});
  expect((await get(`${FILES}?path=${below}/artifacts/none`)).json).toEqual({});
  const missing = await get(`${FILES}/${below}/artifacts/none`);
  expect([missing.status, missing.json.error_code]).toEqual([404, "RESOURCE_DOES_NOT_EXIST"]);
  for (let i = 0; i < 2; i += 1) {
    expect((await house.ask("DELETE", `${FILES}/${below}/artifacts/f`)).text).toBe("{}");
  }
  const parts = await house.ask("POST", "/api/2.0/mlflow-artifacts/mpu/create/0/y/f", { body: {} });
  expect(parts.status).toBe(501);
  expect(JSON.parse(parts.text).message).toMatch(/^Multipart upload is not supported/);
});

test("a path that somebody could read in two ways is refused, also when it is sent unchanged over the wire", async () => {
  const tricks = [
    "../x",
    "%2e%2e/x",
    "..%2fx",
    "%252e%252e/x",
    "a/../../x",
    "./x",
    "a//b",
    "a%00b",
    "a;b",
    "a%3bb",
  ];
  for (const trick of [...tricks, "a%5cb", "a%255cb", "a%0ab", "dir/", "n".repeat(300), "a/".repeat(600)]) {
    const answer = await raw("PUT", `${FILES}/0/r/artifacts/${trick}`);
    expect(answer, trick).toMatch(/^HTTP\/1.1 400 /);
    expect(answer, trick).toContain("Invalid path");
  }
  expect((await get(`${FILES}?path=0/r`)).json).toEqual({});
  for (const trick of ["../x", "/etc", "a/%2e%2e/b"]) {
    expect((await get(`${FILES}?path=${encodeURIComponent(trick)}`)).status).toBe(400);
  }
});

test("a run's files are listed and fetched by its id", async () => {
  const { info } = await newRun();
  await house.ask("PUT", `${FILES}/0/${info.run_id}/artifacts/d/f.txt`, { body: Buffer.from("hello") });
  expect((await get(`${API}/artifacts/list?run_id=${info.run_id}&path=d`)).json).toEqual({
    root_uri: `mlflow-artifacts:/0/${info.run_id}/artifacts`,
    files: [{ path: "d/f.txt", is_dir: false, file_size: 5 }],
  });
  const file = await house.ask("GET", `/get-artifact?run_id=${info.run_id}&path=d/f.txt`);
  expect([file.status, file.text]).toEqual([200, "hello"]);
  expect((await get(`/get-artifact?run_id=${info.run_id}&path=../f`)).status).toBe(400);
});

test("a registered version's files are found through it, and a source cannot name a server", async () => {
  const { info } = await newRun();
  await house.ask("PUT", `${FILES}/0/${info.run_id}/artifacts/m/MLmodel`, {
    body: Buffer.from("flavors: {}"),
  });
  await post("/registered-models/create", { name: "fraud" });
  const given = { name: "fraud", run_id: info.run_id };
  const source = `mlflow-artifacts:/0/${info.run_id}/artifacts/m`;
  const made = await post("/model-versions/create", { ...given, source });
  expect(made.json.model_version).toMatchObject({
    version: "1",
    source,
    status: "READY",
    run_id: info.run_id,
  });
  const uri = await get(`${API}/model-versions/get-download-uri?name=fraud&version=1`);
  expect(uri.json).toEqual({ artifact_uri: source });
  const file = await house.ask("GET", "/model-versions/get-artifact?name=fraud&version=1&path=MLmodel");
  expect(file.text).toBe("flavors: {}");
  for (const bad of [
    "http://host/x",
    "mlflow-artifacts://host:1/0/x",
    `${source}/../../..`,
    "/etc",
    "file:///etc",
  ]) {
    expect((await post("/model-versions/create", { ...given, source: bad })).status, bad).toBe(400);
  }
});

test("workspaces are projects: listed, made, described, and deleted when empty or when all shall go", async () => {
  const base = "/api/3.0/mlflow/workspaces";
  const made = await house.ask("POST", base, { body: { name: "team-a", description: "first" } });
  expect([made.status, JSON.parse(made.text)]).toEqual([
    201,
    { workspace: { name: "team-a", description: "first" } },
  ]);
  expect((await get(base)).json.workspaces).toContainEqual({ name: "team-a", description: "first" });
  const body = { description: "second" };
  expect(JSON.parse((await house.ask("PATCH", `${base}/team-a`, { body })).text)).toEqual({
    workspace: { name: "team-a", description: "second" },
  });
  const workspace = { "x-mlflow-workspace": "team-a" };
  expect((await post("/experiments/create", { name: "inside" }, workspace)).json).toEqual({
    experiment_id: "1",
  });
  const { experiment } = (await get(`${API}/experiments/get?experiment_id=1`, workspace)).json;
  expect(experiment).toMatchObject({ name: "inside", workspace: "team-a" });
  expect((await house.ask("DELETE", `${base}/team-a`)).status).toBe(400);
  expect((await house.ask("DELETE", `${base}/team-a?mode=SET_DEFAULT`)).status).toBe(400);
  expect((await house.ask("DELETE", `${base}/default?mode=CASCADE`)).status).toBe(400);
  expect((await house.ask("DELETE", `${base}/team-a?mode=CASCADE`)).status).toBe(204);
  expect((await get(`${base}/team-a`)).status).toBe(404);
  expect((await house.ask("POST", base, { body: { name: "Bad Name" } })).status).toBe(400);
});

/** Sends a request line as it stands; clients and test tools would tidy it first. */
function raw(method: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
    const headers = `Host: localhost\r\nAuthorization: Bearer ${house.adminToken}\r\nConnection: close`;
    socket.write(`${method} ${path} HTTP/1.1\r\n${headers}\r\nContent-Length: 1\r\n\r\nx`);
  });
}
