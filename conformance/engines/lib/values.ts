import { joinBytes, type Tensor } from "../../../server/src/ports/engines/tensors.ts";

export function floats(name: string, shape: number[], values: readonly number[]): Tensor {
  const array = Float32Array.from(values);
  return { name, datatype: "FP32", shape, data: Buffer.from(array.buffer) };
}

export function doubles(name: string, shape: number[], values: readonly number[]): Tensor {
  const array = Float64Array.from(values);
  return { name, datatype: "FP64", shape, data: Buffer.from(array.buffer) };
}

export function texts(name: string, values: readonly string[]): Tensor {
  const data = joinBytes(values.map((value) => Buffer.from(value)));
  return { name, datatype: "BYTES", shape: [values.length], data };
}

export function numbersOf(tensor: Tensor | undefined): number[] {
  if (tensor === undefined) return [];
  const { buffer } = Uint8Array.from(tensor.data);
  if (tensor.datatype === "FP32") return [...new Float32Array(buffer)];
  if (tensor.datatype === "FP64") return [...new Float64Array(buffer)];
  if (tensor.datatype === "INT64") return [...new BigInt64Array(buffer)].map(Number);
  throw new Error(`No numbers are read from ${tensor.datatype} here.`);
}

export function near(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((value, at) => Math.abs(value - (right[at] ?? 0)) < 1e-5);
}

/** What a promise ends with, as a value: its answer, or the error. */
export async function outcome<T>(
  promise: Promise<T>,
): Promise<{ value?: T; code?: string; reason?: string; message?: string }> {
  try {
    return { value: await promise };
  } catch (thrown) {
    const { code, reason, message } = thrown as { code?: string; reason?: string; message: string };
    return { message, ...(code === undefined ? {} : { code }), ...(reason === undefined ? {} : { reason }) };
  }
}

/** True as soon as `holds` does; false after a while. */
export async function soon(holds: () => boolean, withinMs = 20_000): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!holds() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  return holds();
}

export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
