import { z } from "zod";

/*
 * github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md, and Triton's extensions for binary
 * tensors and classification.
 */

const parameters = z.record(z.string(), z.unknown());
const TENSORS_MAX = 1000; // Models have some hundred inputs at most.

export const inferInput = z.object({
  name: z.string().max(1000),
  shape: z.array(z.number()).max(32),
  datatype: z.string().max(20),
  parameters: parameters.optional(),
  data: z.unknown().optional(),
});
export type InferInput = z.output<typeof inferInput>;

export const inferOutput = z.object({ name: z.string().max(1000), parameters: parameters.optional() });
export type InferOutput = z.output<typeof inferOutput>;

export const inferRequest = z.object({
  id: z.string().max(1000).optional(),
  parameters: parameters.optional(),
  inputs: z.array(inferInput).min(1).max(TENSORS_MAX),
  outputs: z.array(inferOutput).max(TENSORS_MAX).optional(),
});
export type InferRequest = z.output<typeof inferRequest>;
