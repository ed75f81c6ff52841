import type { IncomingHttpHeaders } from "node:http";
import { promisify } from "node:util";
import { deflate, gzip } from "node:zlib";
import { splitBody } from "./body.ts";
import { type Called, describe, type OpenInferenceDeps } from "./call.ts";
import { chosenOutputs, readRequest, writeAnswer } from "./translate.ts";

const PACK = { gzip: promisify(gzip), deflate: promisify(deflate) };
const PACKINGS = { gzip: /\bgzip\b/, deflate: /\bdeflate\b/ };
const PACK_BYTES_MIN = 1024; // Below it the packed answer is hardly smaller, and always later.

export interface Inference {
  call: Called & { signal: AbortSignal };
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface InferenceAnswer {
  headers: (readonly [name: string, value: string])[];
  bytes: string | Buffer;
}

/** One request of the protocol, whoever read it off its connection. @throws AppError */
export async function infer(
  { serving }: OpenInferenceDeps,
  { call, headers, body }: Inference,
): Promise<InferenceAnswer> {
  const described = describe(serving, call);
  const signature = described.versions.find(
    (one) => call.version === undefined || one.version === call.version,
  )?.signature;
  const asked = readRequest(await splitBody(body, headers), signature);
  const served = await serving.gateway.infer(call, asked.inputs);
  const predictionId = served.predictionIds[0] ?? "";
  const facts = {
    model_name: described.name,
    model_version: String(served.model.version),
    ...(asked.id === undefined ? {} : { id: asked.id }),
    parameters: { deployment: served.deployment, prediction_id: predictionId },
  };
  const { bytes, jsonLength } = writeAnswer(facts, chosenOutputs(asked, served.outputs));
  const answer: InferenceAnswer = { headers: [["x-atrium-prediction-id", predictionId]], bytes };
  if (jsonLength === undefined) answer.headers.push(["content-type", "application/json"]);
  else {
    answer.headers.push(["content-type", "application/octet-stream"]);
    answer.headers.push(["inference-header-content-length", String(jsonLength)]);
  }
  return packed(answer, headers["accept-encoding"]);
}

/** In the form that the client takes, where that is worth it. */
async function packed(answer: InferenceAnswer, accepted: string | string[] = ""): Promise<InferenceAnswer> {
  if (answer.bytes.length < PACK_BYTES_MIN) return answer;
  const encoding = (["gzip", "deflate"] as const).find((one) => PACKINGS[one].test(String(accepted)));
  if (encoding === undefined) return answer;
  const bytes = await PACK[encoding](answer.bytes);
  return { headers: [...answer.headers, ["content-encoding", encoding]], bytes };
}
