/* A server that is going to be killed: each kind of engine hangs in a batch, one of them in code that cannot be interrupted. */
import { engines, specOf } from "./models.ts";
import { floats, soon, texts } from "./values.ts";

const [models = ""] = process.argv.slice(2);
const all = engines();
const onnx = await all.open(specOf(models, "endless", { kind: "onnx" }));
const pyfunc = await all.open(specOf(models, "scripted", { kind: "pyfunc" }));
const [child] = await pyfunc.infer([texts("word", ["child"])]);
const never = () => {};
onnx.infer([floats("x", [1, 1], [-1])]).catch(never);
pyfunc.infer([texts("word", ["spin"])]).catch(never);
await soon(() => onnx.stats().inFlight + pyfunc.stats().inFlight === 2);
const pids = [onnx, pyfunc].flatMap((engine) => engine.stats().copies.map(({ pid }) => pid));
process.stdout.write(`${JSON.stringify({ pids, grandchild: Number(child?.data.toString("utf8", 4)) })}\n`);
