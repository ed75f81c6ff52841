import { once } from "node:events";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { Worker } from "node:worker_threads";
import type { NotebookDocument } from "@atrium/contract/notebooks";
import { AppError } from "#lib/errors";
import { readDocument } from "./document.ts";
import { DOCUMENT_BYTES_MAX } from "./limits.ts";

const HERE_BYTES_MAX = 512 * 1024; // Some milliseconds; more is read in a thread, which takes thirty to begin.
const WORKER = new URL("./document.worker.ts", import.meta.url);

/** A stored notebook as cells that can be drawn. @throws AppError `invalid` */
export async function draw(given: {
  path: string;
  version: number;
  sizeBytes: number;
  bytes: Readable;
}): Promise<NotebookDocument> {
  const { path, version, sizeBytes, bytes } = given;
  if (sizeBytes > DOCUMENT_BYTES_MAX) {
    bytes.destroy();
    throw new AppError("invalid", `${path} is too large to be drawn; download it, or open it in Jupyter.`);
  }
  const json = (await buffer(bytes)).toString("utf8");
  const read = sizeBytes <= HERE_BYTES_MAX ? readDocument(json) : await readBeside(json);
  return { path, version, ...read };
}

type Read = ReturnType<typeof readDocument>;

async function readBeside(json: string): Promise<Read> {
  const worker = new Worker(WORKER, { workerData: json });
  try {
    const [answer] = (await once(worker, "message")) as [{ document?: Read; refused?: string }];
    if (answer.document !== undefined) return answer.document;
    throw new AppError("invalid", answer.refused ?? "The file is no notebook.");
  } finally {
    await worker.terminate();
  }
}
