import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { Failure } from "./failure.ts";

/** A secret from a pipe, or typed unseen. It never comes by argument: others can read those. */
export async function readSecret(prompt: string): Promise<string> {
  const secret = process.stdin.isTTY ? await typed(prompt) : await text(process.stdin);
  if (secret.trim() === "") throw new Failure("Nothing was given.");
  return secret.trim();
}

async function typed(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  lines.once("SIGINT", () => process.exit(130));
  try {
    return await lines.question("");
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
