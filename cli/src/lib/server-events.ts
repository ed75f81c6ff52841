import { Failure } from "./failure.ts";

/**
 * The JSON payloads of a stream of server-sent events, as they come. Comments and other text are passed over.
 * @throws Failure when the connection breaks
 */
export async function* events(stream: ReadableStream<Uint8Array>): AsyncIterable<unknown> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of unbroken(stream)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("data:")) continue;
      const payload = parse(line.slice("data:".length));
      if (payload !== undefined) yield payload;
    }
  }
}

async function* unbroken(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* stream;
  } catch (cause) {
    throw new Failure(
      `The connection to the server broke: ${cause instanceof Error ? cause.message : cause}.`,
      {
        cause,
      },
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
