import { parentPort, workerData } from "node:worker_threads";
import { AppError } from "#lib/errors";
import { readDocument } from "./document.ts";

// One notebook, read away from the event loop; see `reading.ts`.
try {
  parentPort?.postMessage({ document: readDocument(String(workerData)) });
} catch (thrown) {
  if (!(thrown instanceof AppError)) throw thrown;
  parentPort?.postMessage({ refused: thrown.message });
}
