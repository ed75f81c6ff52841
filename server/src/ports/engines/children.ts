import { AppError } from "#lib/errors";
import { openEngine } from "./engine.ts";
import type { Engine, EngineSpec, Engines } from "./engines.ts";
import { onnxKind, pyfuncKind } from "./kinds.ts";
import { limitsOf } from "./limits.ts";
import { describeModel } from "./model-description.ts";
import { sweepModels } from "./model-folder.ts";
import { createOnnxPackage } from "./onnx-package.ts";

export interface EnginesOptions {
  /** The folder of the whole program: `atrium`, `onnx/`, `python/`. */
  root: string;
  /** Told what takes long, for a terminal: a line at a time. */
  progress(line: string): void;
  /** A file system that lies in memory, for models that must be files. */
  memoryDirectory?: string | undefined;
}

const MEMORY_DIRECTORY = "/dev/shm"; // Where Linux mounts one for everybody.

/** Engines as child processes of this one. Removes what an earlier process that was killed left in memory. */
export function createEngines({
  root,
  progress,
  memoryDirectory = MEMORY_DIRECTORY,
}: EnginesOptions): Engines {
  const open = new Set<Engine>();
  const onnxPackage = createOnnxPackage({ root, progress });
  const stopping = new AbortController();
  sweepModels(memoryDirectory);

  function kindOf(spec: EngineSpec) {
    const { program } = spec;
    if (program.kind === "pyfunc") return pyfuncKind(spec, program, { root, memoryDirectory });
    return onnxKind(spec, program, { root, onnxPackage, threads: limitsOf(spec).threads });
  }

  return {
    describe: describeModel,
    async open(spec) {
      if (stopping.signal.aborted)
        throw new AppError("unavailable", "The server stops; no engine is started now.");
      const engine = await openEngine(spec, await kindOf(spec), stopping.signal);
      open.add(engine);
      engine.onState((state) => {
        if (state === "closed") open.delete(engine);
      });
      return engine;
    },
    async stop() {
      stopping.abort();
      await Promise.all([...open].map((engine) => engine.close()));
    },
  };
}
