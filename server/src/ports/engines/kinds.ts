import { dirname, join } from "node:path";
import type { Kind } from "./engine.ts";
import type { EngineSpec, OnnxProgram, PyfuncProgram } from "./engines.ts";
import { limitsOf } from "./limits.ts";
import { layModel } from "./model-folder.ts";
import { chooseOnnxFiles } from "./onnx-files.ts";
import type { OnnxPackage } from "./onnx-package.ts";
import { DATATYPE_BYTES, joinBytes, type Signature, type Tensor } from "./tensors.ts";

/** A child sees no environment but this: nothing of ours, and no way to what a user's shell happened to hold. */
const SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin";
const BARE = { PATH: SYSTEM_PATH, LANG: "C.UTF-8" };

// Isolated, so that neither the folder it starts in nor a user's own packages shadow the model's; ours come last.
const RUN_WORKER =
  "import runpy, sys; sys.path.append(sys.argv.pop(1)); runpy.run_module('atrium_pyfunc', run_name='__main__')";

export interface OnnxParts {
  root: string;
  onnxPackage: OnnxPackage;
  threads: number;
}

export async function onnxKind(
  { model }: EngineSpec,
  program: OnnxProgram,
  { root, onnxPackage, threads }: OnnxParts,
): Promise<Kind> {
  await onnxPackage.ensure();
  const folder = join(root, "onnx");
  return {
    inputs: "by signature",
    warmUp: (signature) => ({
      item: { kind: "tensors", tensors: program.example ?? zerosFor(signature) },
      failure: program.example === undefined ? "ignored" : "fatal",
    }),
    async launch() {
      const { file, files } = await chooseOnnxFiles(model.files(), program.file);
      return {
        ...{ program: process.execPath, args: [join(folder, "src/child.ts")], folder },
        ...{ variables: BARE, start: { file, threads }, files },
      };
    },
    cleanUp: async () => {},
  };
}

export interface PyfuncParts {
  root: string;
  /** A memory file system. */
  memoryDirectory: string;
}

export async function pyfuncKind(
  spec: EngineSpec,
  { python, variables }: PyfuncProgram,
  { root, memoryDirectory }: PyfuncParts,
): Promise<Kind> {
  const limits = limitsOf(spec);
  const folder = await layModel(memoryDirectory, spec.model.files());
  const threads = String(limits.threads);
  return {
    inputs: "by model",
    async launch() {
      return {
        program: python,
        args: ["-I", "-B", "-u", "-c", RUN_WORKER, join(root, "python")],
        folder: folder.home,
        variables: {
          ...BARE,
          PATH: `${dirname(python)}:${SYSTEM_PATH}`,
          ...{ HOME: folder.home, TMPDIR: folder.home },
          ...{ OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads, MKL_NUM_THREADS: threads },
          ...{ MLFLOW_DISABLE_TELEMETRY: "true", DO_NOT_TRACK: "true", MPLBACKEND: "agg" },
          // MLflow looks at it and leaves out what matters only while one trains.
          _MLFLOW_IS_IN_SERVING_ENVIRONMENT: "true",
          ...variables,
        },
        start: {
          model: folder.model,
          memoryMiB: limits.memoryMiB,
          rowsMax: limits.rowsMax,
          serverPid: process.pid,
        },
        files: [],
      };
    },
    cleanUp: folder.remove,
  };
}

/** One row of nothing: it makes the runtime allocate and compile what the first request would wait for. */
function zerosFor({ inputs }: Signature): Tensor[] {
  return inputs.map(({ name, datatype, shape }) => {
    const own = shape.map((length) => (length === -1 ? 1 : length));
    const count = own.reduce((product, length) => product * length, 1);
    const size = DATATYPE_BYTES[datatype];
    const data =
      size === undefined ? joinBytes(Array(count).fill(Buffer.alloc(0))) : Buffer.alloc(count * size);
    return { name, datatype, shape: own, data };
  });
}
