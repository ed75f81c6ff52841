import { type IncomingMessage, request } from "node:http";
import { AppError } from "#lib/errors";

// Cells run over the kernel's channel; an answer to a request comes at once, or after a save that waits for the store.
const ANSWER_MS = 120_000;

export interface Forwarded {
  socketPath: string;
  method: string;
  /** As it was asked for, with the project in front: Jupyter answers below that very address. */
  path: string;
  headers: Record<string, string | string[]>;
  /** Whole: Jupyter may refuse a request before it has read it, and what is still being written then breaks the answer. */
  body: Buffer | undefined;
  signal: AbortSignal;
}

/** Asks a Jupyter server. @throws AppError `unavailable` when it does not answer */
export function forward({ body, signal, ...where }: Forwarded): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined ? where.headers : { ...where.headers, "content-length": String(body.length) };
    const asked = request({ ...where, headers, agent: false, signal, timeout: ANSWER_MS }, resolve);
    asked.once("timeout", () => asked.destroy());
    asked.once("error", (cause) => {
      const message = "The notebook server does not answer; it is started again when it has died.";
      reject(new AppError("unavailable", message, { cause, retryAfterSeconds: 1 }));
    });
    asked.end(body);
  });
}
