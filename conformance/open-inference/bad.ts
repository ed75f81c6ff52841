import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask } from "./lib/atrium.ts";

/** Whatever a stranger sends is refused in words, and the endpoint goes on. */
export async function bad(checks: Checks, server: Server): Promise<void> {
  const infer = "POST /v2/models/by-onnx/infer";
  const header = (input: object) => {
    const json = Buffer.from(JSON.stringify({ inputs: [input] }));
    return { json, size: String(json.length) };
  };
  const named = { name: "X", datatype: "FP32", shape: [1, 3] };
  const sized = (binary_data_size: unknown) => header({ ...named, parameters: { binary_data_size } });
  const cases: [string, Buffer, string][] = [
    ["a length beyond the body", sized(12).json, "999999"],
    ["a negative length", sized(12).json, "-1"],
    ["a length that is no number", sized(12).json, "1e3"],
    ["a length within the JSON", sized(12).json, "5"],
    ["more bytes than there are", Buffer.concat([sized(4000).json, Buffer.alloc(12)]), sized(4000).size],
    ["a negative size", Buffer.concat([sized(-4).json, Buffer.alloc(12)]), sized(-4).size],
    ["a size as text", Buffer.concat([sized("12").json, Buffer.alloc(12)]), sized("12").size],
    ["bytes left over", Buffer.concat([sized(12).json, Buffer.alloc(16)]), sized(12).size],
    ["a size that is not the shape's", Buffer.concat([sized(8).json, Buffer.alloc(8)]), sized(8).size],
  ];
  for (const [what, body, length] of cases) {
    const answer = await ask(server, infer, body, { "inference-header-content-length": length });
    const refused = answer.status >= 400 && answer.status < 500 && answer.body.error?.length > 5;
    checks.that(`${what} is refused`, refused, [answer.status, answer.body]);
  }
  const shapes: [string, unknown][] = [
    ["a shape of 2^53 elements", { ...named, shape: [2 ** 30, 2 ** 23], data: [] }],
    ["a negative shape", { ...named, shape: [-1, 3], data: [1, 2, 3] }],
    ["a broken shape", { ...named, shape: [1.5, 2], data: [1, 2, 3] }],
    ["another datatype", { ...named, datatype: "FP99", data: [1, 2, 3] }],
    ["text for numbers", { ...named, data: ["a", "b", "c"] }],
    ["a name of the prototype", { ...named, name: "__proto__", data: [1, 2, 3] }],
    ["no data", named],
  ];
  for (const [what, input] of shapes) {
    const answer = await ask(server, infer, { inputs: [input] });
    checks.that(`${what} is refused`, answer.status >= 400 && answer.status < 500, [
      answer.status,
      answer.body,
    ]);
  }
  const bodies: [string, object | string, number][] = [
    ["a missing column", { dataframe_records: [{ a: 1 }] }, 400],
    ["text for a number", { dataframe_records: [{ a: "x", b: 1, n: 1 }] }, 400],
    ["no form", { rows: [] }, 400],
    ["no JSON", "{", 400],
  ];
  for (const name of ["by-onnx", "by-pyfunc"]) {
    for (const [what, body, wanted] of bodies) {
      const answer = await ask(server, `POST /serving/${name}/invocations`, body, {
        "content-type": "application/json",
      });
      checks.that(`${what} is refused by ${name}`, answer.status === wanted, [answer.status, answer.body]);
    }
  }
  const type = await ask(server, "POST /serving/by-onnx/invocations", "a", { "content-type": "text/html" });
  checks.that("another content type is a 415", type.status === 415, type.status);
  await misfits(checks, server);
  const good = { instances: [{ a: 1, b: 0.5, n: 1 }] };
  const after = await ask(server, "POST /serving/by-onnx/predict", good);
  checks.that("after all of that it answers", after.status === 200, after.body);
  const anonymous = await fetch(`${server.url}/serving/by-onnx/predict`, { method: "POST", body: "{}" });
  checks.that("nobody asks without a name", anonymous.status === 401, anonymous.status);
}

/** What does not fit a model's signature is a 400 in the words and the shape of each protocol. */
async function misfits(checks: Checks, server: Server): Promise<void> {
  const wide = { name: "X", datatype: "FP32", shape: [1, 4], data: [1, 2, 3, 4] };
  const [input] = (await ask(server, "GET /v2/models/by-onnx")).body.inputs;
  const tensors: [string, object][] = [
    ["another width", { ...wide, name: input.name }],
    ["another type", { ...wide, name: input.name, datatype: "INT64", shape: [1, 3], data: [1, 2, 3] }],
    ["another name", { ...wide, name: "nobody", shape: [1, 3], data: [1, 2, 3] }],
  ];
  for (const [what, tensor] of tensors) {
    const { status, body, headers } = await ask(server, "POST /v2/models/by-onnx/infer", {
      inputs: [tensor],
    });
    const right = status === 400 && Object.keys(body).join() === "error" && body.error.length > 10;
    checks.that(`${what} is a 400 of the Open Inference Protocol`, right, [status, body]);
    checks.that("whose type is exactly JSON", headers.get("content-type") === "application/json");
  }
  const row = { a: 1, b: 0.5 };
  for (const name of ["by-onnx", "by-pyfunc"]) {
    const scored = await ask(server, `POST /serving/${name}/invocations`, { instances: [row] });
    checks.that(
      `a missing column is a 400 of MLflow's scoring by ${name}`,
      scored.status === 400 && scored.body.error_code === "BAD_REQUEST" && /\bn\b/.test(scored.body.message),
      [scored.status, scored.body],
    );
    const own = await ask(server, `POST /api/atrium/v1/endpoints/${name}/predict`, { instances: [row] });
    checks.that(
      `and of our own API by ${name}`,
      own.status === 400 && own.body.error?.code === "invalid" && /\bn\b/.test(own.body.error.message),
      [own.status, own.body],
    );
  }
}
