import { parentPort, workerData } from "node:worker_threads";
import { openConnection, type SqliteLocation } from "./sqlite-connection.ts";
import { statementsOn } from "./sqlite-driver.ts";

export interface Question {
  id: number;
  kind: "query" | "checkpoint" | "copy" | "close";
  sql?: string;
  parameters?: readonly unknown[];
  mode?: "PASSIVE" | "TRUNCATE";
  file?: string;
}

export type Answer =
  | { id: number; value: unknown }
  | { id: number; error: { message: string; code: string } };

const location = workerData as SqliteLocation;
const key = Buffer.from(location.key); // A Buffer crosses the thread boundary as a plain Uint8Array.
const reader = openConnection({ file: location.file, key }, "read");
const keeper = openConnection({ file: location.file, key }, "write");
keeper.pragma("synchronous=NORMAL"); // A checkpoint syncs the log before and the file after, in this mode too.
const run = statementsOn(reader);

const actions: Record<Question["kind"], (question: Question) => unknown> = {
  query: (question) => run(question.sql ?? "", question.parameters ?? []),
  checkpoint: (question) => {
    const [state] = keeper.pragma(`wal_checkpoint(${question.mode})`) as { log: number }[];
    return state?.log ?? 0;
  },
  copy: (question) => {
    keeper.prepare("VACUUM INTO ?").run(question.file);
    return null;
  },
  close: () => {
    reader.close();
    keeper.close();
    return null;
  },
};

parentPort?.on("message", (question: Question) => {
  parentPort?.postMessage(answer(question));
});

function answer(question: Question): Answer {
  try {
    return { id: question.id, value: actions[question.kind](question) };
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
    return { id: question.id, error: { message: String(thrown), code } };
  }
}
