/**
 * Both engines with models that mlflow, scikit-learn and onnx made: what they answer, how they fail, what they leave.
 *   PYTHON=… node conformance/engines/run.ts [--only TEXT]
 */
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { createChecks } from "../faults/lib/checks.ts";
import { contract } from "./contract.ts";
import { makeModels } from "./lib/models.ts";
import { onnx } from "./onnx.ts";
import { pyfunc } from "./pyfunc.ts";
import { supervision } from "./supervision.ts";

const { values: flags } = parseArgs({ options: { only: { type: "string", default: "" } } });
const checks = createChecks();
const models = makeModels();
const parts = { contract, onnx, pyfunc, supervision };
try {
  for (const [name, part] of Object.entries(parts)) {
    if (name.includes(flags.only)) await part(checks, models);
  }
} finally {
  rmSync(models, { recursive: true, force: true });
}
checks.end();
