import { existsSync, readdirSync } from "node:fs";
import type { Engine, EngineSpec, Tensor } from "../../server/src/ports/engines/engines.ts";
import type { Checks } from "../faults/lib/checks.ts";
import { engines, specOf } from "./lib/models.ts";
import { floats, lives, outcome, soon, texts } from "./lib/values.ts";

/** What is needed of an engine to hold it to the port's promises. */
interface Subject {
  kind: "onnx" | "pyfunc";
  model: string;
  /** One row that is answered at once. */
  quick: Tensor[];
  /** One row that is never answered. */
  endless: Tensor[];
  /** What the model refuses. */
  bad: Tensor[];
  /** True for what `quick` is answered with. */
  right(answer: readonly Tensor[]): boolean;
}

const SUBJECTS: readonly Subject[] = [
  {
    kind: "onnx",
    model: "endless",
    quick: [floats("x", [1, 1], [7])],
    endless: [floats("x", [1, 1], [-1])],
    bad: [floats("x", [1, 2], [1, 2])],
    right: ([y]) => y?.data.readFloatLE(0) === 7,
  },
  {
    kind: "pyfunc",
    model: "scripted",
    quick: [texts("word", ["hello"])],
    endless: [texts("word", ["sleep"])],
    bad: [texts("word", ["fail"])],
    right: ([y]) => y?.data.toString("utf8", 4).startsWith("hello/") === true,
  },
];

/** The same promises, whatever computes. */
export async function contract(checks: Checks, models: string): Promise<void> {
  for (const subject of SUBJECTS) {
    await answers(checks, models, subject);
    await bounds(checks, models, subject);
    await deaths(checks, models, subject);
    await endings(checks, models, subject);
  }
}

async function open(models: string, subject: Subject, more: Partial<EngineSpec> = {}) {
  const all = engines();
  const spec = specOf(models, subject.model, { kind: subject.kind, ...more });
  return { all, spec, engine: await all.open(spec) };
}

async function answers(checks: Checks, models: string, subject: Subject): Promise<void> {
  const { all, engine } = await open(models, subject, { batching: { rowsMax: 8, waitMs: 20 } });
  const says = (words: string) => `${subject.kind}: ${words}`;
  checks.that(says("it is ready when it was opened"), engine.state === "ready", engine.stats());
  const found = await Promise.all(Array.from({ length: 40 }, () => outcome(engine.infer(subject.quick))));
  checks.that(
    says("forty at once get the answer of one"),
    found.every(({ value }) => subject.right(value ?? [])),
    found[0],
  );
  const { batches, answered } = engine.stats();
  checks.that(says("they ran eight rows at a time"), batches.at(-1)?.upTo === 8 && answered === 40, batches);
  const [bad, ...good] = await Promise.all(
    [subject.bad, subject.quick, subject.quick].map((one) => outcome(engine.infer(one))),
  );
  checks.that(
    says("what does not fit is invalid, in words"),
    bad?.code === "invalid" && (bad.message ?? "").length > 10,
    bad,
  );
  checks.that(
    says("its company is answered"),
    good.every(({ value }) => subject.right(value ?? [])),
    good,
  );
  checks.that(says("and nothing was started again"), engine.stats().restarts === 0);
  await all.stop();
}

async function bounds(checks: Checks, models: string, subject: Subject): Promise<void> {
  const { all, engine } = await open(models, subject, { queueMax: 2, deadlineMs: 2000 });
  const says = (words: string) => `${subject.kind}: ${words}`;
  const hung = outcome(engine.infer(subject.endless));
  await soon(() => engine.stats().inFlight === 1);
  const late = outcome(engine.infer(subject.quick, { deadlineMs: 100 }));
  const gone = new AbortController();
  const aborted = outcome(engine.infer(subject.quick, { signal: gone.signal }));
  const refused = await outcome(engine.infer(subject.quick));
  checks.that(
    says("a full queue refuses at once"),
    refused.code === "exhausted" && refused.reason === "queue_full",
    refused,
  );
  gone.abort();
  checks.that(
    says("a caller that goes leaves the queue"),
    (await aborted).reason === "aborted" && engine.stats().queued === 1,
  );
  const { code, reason } = await late;
  checks.that(says("a deadline counts in the queue"), code === "unavailable" && reason === "deadline", {
    code,
    reason,
  });
  checks.that(
    says("a caller's deadline ends no engine"),
    engine.stats().restarts === 0 && engine.state === "ready",
  );
  const next = outcome(engine.infer(subject.quick, { deadlineMs: 60_000 }));
  const { reason: hungReason } = await hung;
  checks.that(
    says("what hangs is answered at the deadline"),
    hungReason === "deadline" || hungReason === "engine_died",
    hungReason,
  );
  const answer = await next;
  checks.that(
    says("who waited behind it is answered by the next process"),
    subject.right(answer.value ?? []),
    answer,
  );
  checks.that(
    says("why it was ended is told"),
    (engine.stats().lastDeath ?? "").includes("longer than 2 s"),
    engine.stats(),
  );
  await all.stop();
}

async function deaths(checks: Checks, models: string, subject: Subject): Promise<void> {
  const { all, engine, spec } = await open(models, subject);
  const says = (words: string) => `${subject.kind}: ${words}`;
  const states: string[] = [];
  engine.onState((state) => states.push(state));
  const call = { deadlineMs: 60_000 };
  const working = outcome(engine.infer(subject.endless, call));
  await soon(() => engine.stats().inFlight === 1);
  const waiting = Array.from({ length: 20 }, () => outcome(engine.infer(subject.quick, call)));
  process.kill(pidOf(engine), "SIGKILL");
  const lost = await working;
  checks.that(
    says("a kill -9 loses who was at work"),
    lost.code === "unavailable" && lost.reason === "engine_died",
    lost,
  );
  const found = await Promise.all(waiting);
  checks.that(
    says("and nobody who waited"),
    found.every(({ value }) => subject.right(value ?? [])),
    found.find(({ code }) => code),
  );
  checks.that(says("its states were told"), states.join() === "restarting,ready", states);
  const told = spec.lines.filter(({ stream }) => stream === "engine").map(({ text }) => text);
  checks.that(
    says("its log tells of the end and the start"),
    told.length === 2 && told[0]?.includes("SIGKILL") === true,
    told,
  );
  await all.stop();
}

async function endings(checks: Checks, models: string, subject: Subject): Promise<void> {
  const { all, engine } = await open(models, subject, { copies: 2 });
  const says = (words: string) => `${subject.kind}: ${words}`;
  const pids = engine.stats().copies.map(({ pid }) => pid ?? 0);
  checks.that(says("two copies are two processes"), new Set(pids).size === 2 && pids.every(lives), pids);
  const asked = Array.from({ length: 50 }, () => outcome(engine.infer(subject.quick)));
  await engine.drain();
  const found = await Promise.all(asked);
  checks.that(
    says("a drain answers all that it had"),
    found.every(({ value }) => subject.right(value ?? [])),
    found.find(({ code }) => code),
  );
  const after = await outcome(engine.infer(subject.quick));
  checks.that(
    says("and then takes nothing"),
    after.code === "unavailable" && after.reason === "closed",
    after,
  );
  checks.that(says("its processes are gone"), !pids.some(lives));
  checks.that(says("and no model lies in memory"), leftovers().length === 0, leftovers());
  const other = await all.open(specOf(models, subject.model, { kind: subject.kind }));
  const waits = outcome(other.infer(subject.endless));
  await soon(() => other.stats().inFlight === 1);
  await all.stop();
  checks.that(says("a stop answers who was at work"), (await waits).code === "unavailable", await waits);
  checks.that(
    says("a stopped port opens nothing"),
    (await outcome(all.open(specOf(models, subject.model, { kind: subject.kind })))).code === "unavailable",
  );
}

/** Model folders of this process. */
function leftovers(): string[] {
  if (!existsSync("/dev/shm")) return [];
  return readdirSync("/dev/shm").filter(
    (name) => name.startsWith("atrium-model-") && name.includes(`-${process.pid}-`),
  );
}

function pidOf(engine: Engine): number {
  return engine.stats().copies[0]?.pid ?? 0;
}
