import { InferenceSession } from "onnxruntime-node";
import type { Answer } from "../../server/src/ports/engines/frames.ts";
import type { Signature, Tensor, TensorSpec } from "../../server/src/ports/engines/tensors.ts";
import { withPlainOutputs } from "./plain-outputs.ts";
import { cut, datatypeOf, stack } from "./values.ts";

export interface ModelSource {
  bytes: Uint8Array;
  /** Weights that lie beside the model, by their path from it. */
  external: readonly { path: string; data: Uint8Array }[];
  threads: number;
}

export interface Model {
  signature: Signature;
  /** Requests of equal shape run as one, row under row, where the model's first dimension is free everywhere. */
  answer(requests: readonly (readonly Tensor[])[]): Promise<Answer[]>;
}

const OUT_OF_MEMORY = /bad alloc|allocate memory|out of memory/i;

/** @throws Error in the runtime's words */
export async function loadModel({ bytes, external, threads }: ModelSource): Promise<Model> {
  const session = await InferenceSession.create(withPlainOutputs(bytes), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 3,
    ...(external.length === 0 ? {} : { externalData: [...external] }),
  });
  const signature = {
    inputs: session.inputMetadata.map(specOf),
    outputs: session.outputMetadata.map(specOf),
  };
  const names = signature.outputs.map(({ name }) => name);
  let stackable = isStackable(session);

  async function run(requests: readonly (readonly Tensor[])[]): Promise<Tensor[][]> {
    const feeds = Object.fromEntries(
      signature.inputs.map(({ name }) => [name, stack(requests.map((inputs) => named(inputs, name)))]),
    );
    const found = await session.run(feeds, names);
    const counts = requests.length === 1 ? undefined : requests.map((inputs) => inputs[0]?.shape[0] ?? 0);
    const columns = Object.entries(found).map(([name, value]) => {
      if (counts !== undefined && value.dims[0] !== counts.reduce((sum, count) => sum + count, 0)) {
        stackable = false; // Its first dimension counts something else: never again.
        throw new Error(`${name} does not have a row for each row.`);
      }
      return cut(name, value, counts);
    });
    return requests.map((_, at) => columns.flatMap((column) => column[at] ?? []));
  }

  async function alone(inputs: readonly Tensor[]): Promise<Answer> {
    try {
      const [tensors = []] = await run([inputs]);
      return { kind: "tensors", tensors };
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      return { kind: "error", code: OUT_OF_MEMORY.test(message) ? "exhausted" : "invalid", message };
    }
  }

  async function together(requests: readonly (readonly Tensor[])[]): Promise<Answer[]> {
    if (requests.length > 1 && stackable) {
      // One that cannot be answered must not fail the others: then each runs by itself and gets its own words.
      const all = await run(requests).catch(() => undefined);
      if (all !== undefined) return all.map((tensors) => ({ kind: "tensors", tensors }));
    }
    const answers: Answer[] = [];
    for (const inputs of requests) answers.push(await alone(inputs));
    return answers;
  }

  return {
    signature,
    async answer(requests) {
      const groups = Map.groupBy(requests.keys(), (at) => shapeOf(requests[at] ?? []));
      const answers: Answer[] = [];
      for (const places of groups.values()) {
        const found = await together(places.map((at) => requests[at] ?? []));
        for (const [nth, at] of places.entries()) {
          const answer = found[nth];
          if (answer !== undefined) answers[at] = answer;
        }
      }
      return answers;
    },
  };
}

function specOf(metadata: InferenceSession.ValueMetadata): TensorSpec {
  const { name } = metadata;
  if (!metadata.isTensor) throw new Error(`${name} is a map or a sequence; only tensors can be served.`);
  const datatype = datatypeOf(metadata.type);
  if (datatype === undefined)
    throw new Error(`${name} has the type ${metadata.type}, which cannot be served.`);
  return {
    name,
    datatype,
    shape: metadata.shape.map((length) => (typeof length === "number" ? length : -1)),
  };
}

/** A free first dimension everywhere, and of one name where it has a name: then it counts rows. */
function isStackable({ inputMetadata, outputMetadata }: InferenceSession): boolean {
  const firsts = [...inputMetadata, ...outputMetadata].map((metadata) =>
    metadata.isTensor ? metadata.shape[0] : undefined,
  );
  if (firsts.some((first) => typeof first !== "string")) return false;
  return new Set(firsts.filter((name) => name !== "")).size <= 1;
}

function named(inputs: readonly Tensor[], name: string): Tensor {
  const found = inputs.find((tensor) => tensor.name === name);
  if (found === undefined) throw new Error(`The input ${name} is missing.`);
  return found;
}

/** What must be equal for two requests to stand under one another; every input has as many rows as the first. */
function shapeOf(inputs: readonly Tensor[]): string {
  const rows = inputs[0]?.shape[0];
  return inputs
    .map(({ name, shape }) => `${name}:${shape[0] === rows ? "" : shape[0]},${shape.slice(1).join(",")}`)
    .sort()
    .join(";");
}
