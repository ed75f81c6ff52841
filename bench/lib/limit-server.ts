/* What nobody gets below: node:http, a body parsed, one session.run, an answer. `node limit-server.ts MODEL PORT` */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

/** As much of the runtime as is measured; it belongs to the package `onnx`, which this folder does not depend on. */
interface Runtime {
  InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: object): Promise<Record<string, { data: Float32Array; dims: number[] }>> }>;
  };
  Tensor: new (type: string, data: Float32Array, shape: readonly number[]) => unknown;
}

const [model = "", port = ""] = process.argv.slice(2);
const require = createRequire(join(import.meta.dirname, "../../onnx/package.json"));
const { InferenceSession, Tensor } = require("onnxruntime-node") as Runtime;
const session = await InferenceSession.create(readFileSync(model), {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
});

createServer((request, response) => {
  if (request.method === "GET") {
    response.end(); // Whoever started it asks whether it is there.
    return;
  }
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", async () => {
    const { inputs } = JSON.parse(Buffer.concat(pieces).toString("utf8"));
    const [{ name, shape, data }] = inputs;
    const outputs = await session.run({ [name]: new Tensor("float32", Float32Array.from(data), shape) });
    const body = JSON.stringify({
      model_name: "mlp",
      outputs: Object.entries(outputs).map(([output, tensor]) => ({
        name: output,
        datatype: "FP32",
        shape: tensor.dims,
        data: Array.from(tensor.data),
      })),
    });
    response.setHeader("content-type", "application/json");
    response.setHeader("content-length", Buffer.byteLength(body));
    response.end(body);
  });
}).listen(Number(port), "127.0.0.1");
