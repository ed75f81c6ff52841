import { spawnSync } from "node:child_process";
import { createReadStream, mkdtempSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngines } from "../../../server/src/ports/engines/children.ts";
import type { EngineLine, EngineSpec, ModelFiles } from "../../../server/src/ports/engines/engines.ts";

const ROOT = join(import.meta.dirname, "../../..");

export const python = process.env.PYTHON ?? "";
if (python === "") throw new Error("Set PYTHON to an interpreter that has what requirements.txt lists.");

/** Makes all models anew with the user's own tools; a folder that the caller removes. */
export function makeModels(): string {
  const folder = mkdtempSync(join(tmpdir(), "atrium-models-"));
  const done = spawnSync(python, ["-B", join(import.meta.dirname, "../make_models.py"), folder], {
    encoding: "utf8",
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: "true" },
  });
  if (done.status !== 0) throw new Error(`The models could not be made:\n${done.stderr.slice(-3000)}`);
  return folder;
}

/** Engines of this checkout. */
export function engines() {
  return createEngines({ root: ROOT, progress: (line) => process.stdout.write(`${line}\n`) });
}

export function modelIn(folder: string): ModelFiles {
  return {
    digest: folder,
    async *files() {
      for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        const file = join(folder, path);
        const stat = statSync(file);
        if (stat.isFile()) yield { path, sizeBytes: stat.size, open: async () => createReadStream(file) };
      }
    },
  };
}

/** A spec with its own log, so that a failing check can show what the engine said. */
export function specOf(
  models: string,
  name: string,
  more: Partial<EngineSpec> & { kind: "onnx" | "pyfunc" },
): EngineSpec & { lines: EngineLine[] } {
  const { kind, ...rest } = more;
  const lines: EngineLine[] = [];
  return {
    name,
    program: kind === "onnx" ? { kind } : { kind, python },
    model: modelIn(join(models, name)),
    log: (line) => lines.push(line),
    lines,
    ...rest,
  };
}
