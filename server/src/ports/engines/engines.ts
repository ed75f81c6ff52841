import type { Readable } from "node:stream";
import type { Signature, Tensor } from "./tensors.ts";

export * from "./tensors.ts";

/**
 * Models at work, each in child processes of its own that may be killed: ONNX Runtime, or Python with the model's own
 * environment. A child sees its model and what it is asked, and nothing else of ours: no token, no key, no path of our
 * data. In front of the children stand one bounded queue and a batcher, so that callers ask for one row at a time.
 */
export interface Engines {
  /**
   * Starts an engine and answers when every copy has loaded the model and has been warmed up.
   * @throws AppError `invalid` (the model cannot be loaded or its own example fails, in the model's words),
   *   `exhausted` (it needs more memory than it may have), `unavailable` (the engine's packages cannot be installed now,
   *   the start took too long, the child died while it loaded); then nothing remains
   */
  open(spec: EngineSpec): Promise<Engine>;
  /** What a model's folder says about itself. @throws AppError `invalid` when it holds no model that an engine runs */
  describe(model: ModelFiles): Promise<ModelDescription>;
  /** Closes every engine at once; a kill of the server does the same, for a child ends with its socket. */
  stop(): Promise<void>;
}

export interface ModelDescription {
  /** The programs that can run it, the preferred one first. */
  kinds: readonly EngineSpec["program"]["kind"][];
  /** Names of the columns it was trained on, in their order; empty when it does not say. */
  columns: readonly string[];
  /** Of a Python environment for it, a line each. */
  requirements: readonly string[];
  /** A scoring body that the model's maker saved; undefined when there is none. */
  example: unknown;
}

export interface EngineSpec {
  /** For messages and logs: `flight-delay/3`. */
  name: string;
  program: OnnxProgram | PyfuncProgram;
  model: ModelFiles;
  /** Processes that hold the model; each works on one batch at a time. */
  copies?: number | undefined;
  /** Of each copy's arithmetic. One by default: it costs least, and batches and copies use the other cores. */
  threads?: number | undefined;
  /** Of each copy, resident. A copy that passes it is ended and started again. */
  memoryMiB?: number | undefined;
  /** From the start of a child to the end of its warm-up. */
  startTimeoutMs?: number | undefined;
  /** How long a batch may take: a child that needs longer hangs, and is ended and started again. */
  deadlineMs?: number | undefined;
  batching?: Batching | undefined;
  /** Requests that may wait; one more is refused as `exhausted`. */
  queueMax?: number | undefined;
  /** Each line that a child prints, and what happens to it (stream `engine`). At once and without throwing. */
  log?: ((line: EngineLine) => void) | undefined;
}

export interface OnnxProgram {
  kind: "onnx";
  /** Path of the model inside the folder; absent: what `MLmodel` names, else the only file that ends in `.onnx`. */
  file?: string | undefined;
  /** One request in the form of the signature, run before the engine is ready; absent: zeros, whose failure is no failure. */
  example?: readonly Tensor[] | undefined;
}

/** An MLflow model folder of the pyfunc flavour; its own input example is its warm-up. */
export interface PyfuncProgram {
  kind: "pyfunc";
  /** Absolute path of an interpreter that has the model's requirements, mlflow among them. */
  python: string;
  /** All that the model sees of an environment beside PATH, HOME and LANG: its own project's token, at most. */
  variables?: Readonly<Record<string, string>> | undefined;
}

export interface ModelFiles {
  /** Names the content; two specs of one digest hold the same bytes. */
  digest: string;
  /** Every file below the model's folder. Asked again when a child is started again. */
  files(): AsyncIterable<ModelFile>;
}

export interface ModelFile {
  /** Relative to the model's folder, `/` between its parts. */
  path: string;
  sizeBytes: number;
  /** The plain bytes, from the start. */
  open(): Promise<Readable>;
}

export interface Batching {
  /** Rows (not requests) in one call of the model. */
  rowsMax: number;
  /** How long an idle engine waits for company of the first row; 0 starts at once, and what queues meanwhile is the next batch. */
  waitMs: number;
}

export interface EngineLine {
  stream: "stdout" | "stderr" | "engine";
  text: string;
  /** Which copy, from 0. */
  copy: number;
}

export interface Engine {
  /** What the model takes and gives; of a pyfunc model without a signature both are empty, and everything is passed on. */
  readonly signature: Signature;
  readonly state: EngineState;
  /**
   * Runs the model on tensors: their first dimension counts rows where the signature's is -1.
   * @throws AppError `invalid` (not what the signature says, or the model's own words), `exhausted` (the queue is full;
   *   `reason: "queue_full"`; or the model ran out of memory), `unavailable` (`reason`: `deadline`, in the queue or at
   *   work; `engine_died`, while this request was at work; `closed`)
   */
  infer(inputs: readonly Tensor[], call?: EngineCall): Promise<readonly Tensor[]>;
  /**
   * A body as MLflow's scoring server takes it. Only pyfunc engines; @throws AppError as `infer`.
   * @remarks mlflow/pyfunc/scoring_server/__init__.py
   */
  predict(body: ScoringBody, call?: EngineCall): Promise<ScoringAnswer>;
  stats(): EngineStats;
  /** Told of each change of state; the answer ends it. */
  onState(listener: (state: EngineState) => void): () => void;
  /** Takes nothing new, answers what it has within `withinMs`, then closes. */
  drain(withinMs?: number): Promise<void>;
  /** Ends the children now; whoever waits is answered `unavailable`. */
  close(): Promise<void>;
}

/** `ready`: at least one copy works. `restarting`: none does, requests wait in the queue under their deadline. */
export type EngineState = "ready" | "restarting" | "draining" | "closed";

export interface EngineCall {
  /** For the answer, from now, the queue included. It ends no child: only the engine's own deadline does. */
  deadlineMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface ScoringBody {
  /** Without parameters. */
  contentType: "application/json" | "text/csv";
  bytes: Buffer;
  /** How many rows the batcher shall count; 1 when the caller does not know. */
  rows?: number | undefined;
}

export interface ScoringAnswer {
  /** JSON: `{"predictions": …}`, or what the model said, as it is, for a body that had `messages`, `prompt` or `input`. */
  bytes: Buffer;
}

export interface EngineStats {
  state: EngineState;
  queued: number;
  inFlight: number;
  /** Since the engine was opened. */
  answered: number;
  failed: number;
  refused: number;
  restarts: number;
  /** How many batches had up to so many requests, the largest last. */
  batches: readonly { upTo: number; count: number }[];
  /** Sums in milliseconds over all answered requests, to be divided by `answered`. */
  queueMs: number;
  workMs: number;
  /** What the last child that ended ended of. */
  lastDeath: string | null;
  copies: readonly CopyStats[];
}

export interface CopyStats {
  pid: number | null;
  state: "starting" | "ready" | "busy" | "waiting" | "ended";
  rssMiB: number;
  restarts: number;
}
