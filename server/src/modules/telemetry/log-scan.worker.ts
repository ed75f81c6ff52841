import { parentPort } from "node:worker_threads";
import type { BlockHead } from "./log-block.ts";
import { countLines, findLines, labelValues, matchHead, type Opened } from "./log-scan.ts";
import type { ScanAnswer, ScanQuestion } from "./log-scanner.ts";
import { unpack } from "./seals.ts";

parentPort?.on("message", (question: ScanQuestion & { id: number }) => {
  parentPort?.postMessage(answer(question));
});

function answer(question: ScanQuestion & { id: number }): ScanAnswer {
  try {
    return { id: question.id, value: scan(question) };
  } catch (thrown) {
    return { id: question.id, error: String(thrown) };
  }
}

function scan({ block, wanted, ask }: ScanQuestion): unknown {
  const key = Buffer.from(block.key);
  const head = JSON.parse(unpack(key, Buffer.from(block.head), block.headContext).toString()) as BlockHead;
  const body = block.body && unpack(key, Buffer.from(block.body), block.bodyContext).toString();
  const opened: Opened = {
    firstLine: block.firstLine,
    fromMs: block.fromMs,
    head,
    ...(body === undefined ? {} : { body }),
  };
  switch (ask.kind) {
    case "match":
      return matchHead(opened, wanted).length;
    case "lines":
      return findLines({ ...opened, body: body ?? "" }, wanted, ask.limit);
    case "counts":
      return countLines(opened, wanted, ask);
    case "values":
      return labelValues(opened, wanted, ask.label);
  }
}
