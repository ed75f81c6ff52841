import { Readable } from "node:stream";
import { expect, test } from "vitest";
import {
  type Answer,
  answerFrame,
  batchFrame,
  FRAME,
  type Frame,
  type Item,
  readAnswers,
  readBatch,
  readFrames,
} from "./frames.ts";
import { DATATYPE_BYTES, type Datatype, type Tensor } from "./tensors.ts";

const TENSORS: Tensor[] = (Object.keys(DATATYPE_BYTES) as Datatype[]).map((datatype, at) => ({
  name: `grüße-${at}`,
  datatype,
  shape: at === 0 ? [] : [at, 3],
  data: Buffer.alloc(at * 7, at),
}));

const ITEMS: Item[] = [
  { kind: "tensors", tensors: TENSORS },
  { kind: "json", bytes: Buffer.from('{"inputs": [1]}') },
  { kind: "csv", bytes: Buffer.alloc(0) },
  { kind: "tensors", tensors: [] },
];

const ANSWERS: Answer[] = [
  { kind: "tensors", tensors: TENSORS },
  { kind: "body", bytes: Buffer.from("{}") },
  { kind: "error", code: "exhausted", message: "zu groß" },
];

/** All frames of a stream that arrives in pieces of so many bytes. */
async function framesIn(bytes: Buffer, pieceBytes: number): Promise<Frame[]> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, at) =>
    bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
  );
  const stream = Readable.from(pieces, { objectMode: true });
  const frames: Frame[] = [];
  readFrames(stream, (frame) => frames.push(frame));
  await new Promise((resolve) => stream.once("end", resolve));
  return frames;
}

test.each([1, 3, 7, 1000, 1_000_000])("frames come back whole in pieces of %d bytes", async (pieceBytes) => {
  const sent = Buffer.concat([...batchFrame(7, ITEMS), ...answerFrame(8, ANSWERS), ...batchFrame(9, [])]);
  const [batch, answer, empty] = await framesIn(sent, pieceBytes);
  expect(batch?.kind).toBe(FRAME.batch);
  expect(readBatch(batch?.body ?? Buffer.alloc(0))).toEqual({ id: 7, items: ITEMS });
  expect(readAnswers(answer?.body ?? Buffer.alloc(0))).toEqual({ id: 8, answers: ANSWERS });
  expect(readBatch(empty?.body ?? Buffer.alloc(0))).toEqual({ id: 9, items: [] });
});

test("a large tensor goes as it is and comes back whole", async () => {
  const data = Buffer.alloc(3 * 2 ** 20, 5);
  const item: Item = {
    kind: "tensors",
    tensors: [{ name: "x", datatype: "UINT8", shape: [data.length], data }],
  };
  const pieces = batchFrame(1, [item]);
  expect(pieces.some((piece) => piece === data)).toBe(true);
  const [frame] = await framesIn(Buffer.concat(pieces), 65_536);
  expect(readBatch(frame?.body ?? Buffer.alloc(0)).items).toEqual([item]);
});

test("an answer that is cut off anywhere is refused", () => {
  const whole = Buffer.concat(answerFrame(8, ANSWERS)).subarray(5);
  for (let length = 0; length < whole.length; length += 1) {
    expect(() => readAnswers(whole.subarray(0, length))).toThrow();
  }
});
