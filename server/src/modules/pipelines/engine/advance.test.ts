import { expect, test } from "vitest";
import { type Behaviour, controlFlow, play } from "../../../testing/pipelines.ts";
import type { Json } from "../plan.ts";
import { advance } from "./advance.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { newRunState, type RunEvent } from "./state.ts";

const behave: Behaviour = (inputs, path) => {
  if (path.endsWith("items")) return Array.from({ length: Number(inputs.n) }, (_, i) => i);
  if (path.endsWith("make")) return String(inputs.x);
  if (path.endsWith("gather")) return (inputs.names as Json[]).length;
  return Number(inputs.a ?? 0) + Number(inputs.b ?? 0);
};

const plan = controlFlow();
const defaults = { a: 3, message: "hi" };

test("loops, branches, an import and an exit task run to a good end", () => {
  const played = play(plan, { parameters: defaults, behave });
  expect(played.state.phase).toBe("succeeded");
  const within = (name: string) => played.node(`exit-handler-1/${name}`);
  expect(within("for-loop-2").outputs?.parameters).toEqual({
    "pipelinechannel--make-Output": ["0", "1", "2"],
  });
  expect(within("for-loop-2").outputs?.artifacts["pipelinechannel--make-out"]).toHaveLength(3);
  expect(within("gather").outputs?.parameters.Output).toBe(3);
  expect(within("for-loop-4/1/add").inputs?.parameters).toMatchObject({ a: 2, b: 20 });
  expect(within("condition-5").state).toBe("skipped");
  expect(within("condition-branches-6").outputs?.parameters).toEqual({
    "pipelinechannel--condition-branches-6-oneof-1": 3,
  });
  expect(within("importer").outputs?.artifacts.artifact?.[0]).toMatchObject({
    uri: "gs://bucket/data",
    metadata: { said: "hi" },
  });
  expect(played.node("last").inputs?.parameters.status).toMatchObject({ state: "SUCCEEDED" });
});

test("a constant is filled with other inputs and the run's name", () => {
  const played = play(plan, { parameters: defaults, behave });
  const chosen = [...played.state.nodes.values()].find(({ inputs }) => inputs?.parameters.s === "hi-the run");
  expect(chosen?.inputs?.parameters.a).toBe(3);
});

test("of several branches the first whose condition holds is taken", () => {
  const taken = (a: number) => {
    const { states } = play(plan, { parameters: { ...defaults, a }, behave });
    const all = states();
    return [7, 8, 9].filter((n) => all[`exit-handler-1/condition-branches-6/condition-${n}`] === "succeeded");
  };
  expect([taken(3), taken(9), taken(0)]).toEqual([[7], [8], [9]]);
});

test("a loop runs no more at once than it may, and over nothing gives empty lists", () => {
  const all = play(plan, { parameters: { ...defaults, a: 9 }, behave, choose: (open) => open.length - 1 });
  expect(all.state.phase).toBe("succeeded");
  let most = 0;
  play(plan, {
    parameters: { ...defaults, a: 9 },
    behave,
    choose: () => 0,
    interrupt: (state) => {
      const busy = [...state.nodes.values()].filter(
        (node) => node.parent === "exit-handler-1/for-loop-2" && node.state === "running",
      );
      most = Math.max(most, busy.length);
      return undefined;
    },
  });
  expect(most).toBe(2);
  const none = play(plan, { parameters: { ...defaults, a: 0 }, behave });
  expect(none.node("exit-handler-1/for-loop-2").outputs).toEqual({
    parameters: { "pipelinechannel--make-Output": [] },
    artifacts: { "pipelinechannel--make-out": [] },
  });
  expect(none.state.phase).toBe("succeeded");
});

test("a failure skips what waits for it, lets the rest go on, and the exit task hears of it", () => {
  const played = play(plan, {
    parameters: defaults,
    behave: (inputs, path, attempt) => {
      if (path.endsWith("for-loop-2/1/make")) throw new Error("out of luck");
      return behave(inputs, path, attempt);
    },
  });
  expect(played.state.phase).toBe("failed");
  expect(played.node("exit-handler-1/for-loop-2/2/make").state).toBe("succeeded");
  expect(played.node("exit-handler-1/gather")).toMatchObject({
    state: "skipped",
    reason: "for-loop-2 failed.",
  });
  expect(played.node("exit-handler-1/use").state).toBe("succeeded");
  expect(played.node("last").state).toBe("succeeded");
  expect(played.node("last").inputs?.parameters.status).toMatchObject({ state: "FAILED" });
  expect(played.node("").reason).toMatch(/make.*out of luck/);
});

test("a step is tried again by its policy, each pause longer, and then it has failed", () => {
  const failing: Behaviour = (inputs, path, attempt) => {
    if (path.includes("for-loop-4/0")) throw new Error("again");
    return behave(inputs, path, attempt);
  };
  const played = play(plan, { parameters: defaults, behave: failing });
  const path = "exit-handler-1/for-loop-4/0/add";
  expect(played.node(path)).toMatchObject({ state: "failed", attempt: 3, reason: "again" });
  const times = played.events.filter((event) => "path" in event && event.path === path);
  const pauses = times.flatMap((event, i) =>
    event.kind === "waited" ? [event.atMs - (times[i - 1]?.atMs ?? 0)] : [],
  );
  expect(pauses).toEqual([1000, 2000]);
});

test("a cancelled run starts nothing more and ends when what ran has stopped", () => {
  const played = play(plan, {
    parameters: { ...defaults, a: 5 },
    behave,
    choose: () => 0,
    interrupt: (state, count) =>
      count === 12 && state.phase === "running" ? { kind: "cancel", atMs: 500, by: "somebody" } : undefined,
  });
  expect(played.state.phase).toBe("cancelled");
  expect(played.node("last").state).toBe("cancelled");
  const after = played.events.slice(played.events.findIndex(({ kind }) => kind === "cancel"));
  expect(after.some(({ kind }) => kind === "running")).toBe(false);
});

test("a run that is retried does only what did not succeed, and its exit task once more", () => {
  const first = play(plan, {
    parameters: defaults,
    behave: (inputs, path, attempt) => {
      if (path.endsWith("for-loop-2/1/make") || path.endsWith("use")) throw new Error("out of luck");
      return behave(inputs, path, attempt);
    },
  });
  const again = play(plan, { from: first.state, behave });
  expect(again.state.phase).toBe("succeeded");
  expect(again.started.sort()).toEqual([
    "exit-handler-1/for-loop-2/1/make",
    "exit-handler-1/gather",
    "exit-handler-1/use",
    "last",
  ]);
  expect(again.node("exit-handler-1/for-loop-2/1/make").attempt).toBe(2);
  expect(again.node("last").inputs?.parameters.status).toMatchObject({ state: "SUCCEEDED" });
});

test("a late word of an earlier job is not taken for one of its successor", () => {
  const state = newRunState(plan, { id: "r", name: "r", createdMs: 0, cache: "off", artifactRoot: "" });
  const begun = advance(state, { kind: "started", atMs: 1, parameters: defaults }).state;
  const path = "exit-handler-1/items";
  const submitted = advance(begun, { kind: "submitted", atMs: 2, path, attempt: 1, jobId: "new" }).state;
  const late: RunEvent = {
    kind: "failed",
    atMs: 3,
    path,
    attempt: 1,
    jobId: "old",
    reason: "-",
    again: "final",
  };
  expect(advance(submitted, late).state).toBe(submitted);
  expect(advance(submitted, { ...late, jobId: "new" }).state).not.toBe(submitted);
});

test("the fingerprint follows what a step reads and nothing else", () => {
  const of = (parameters: Record<string, Json>, path = "exit-handler-1/items") => {
    const played = play(plan, { parameters, behave });
    return fingerprintOf(played.state, played.node(path));
  };
  expect(of(defaults)).toBe(of({ ...defaults, message: "other" }));
  expect(of(defaults)).not.toBe(of({ ...defaults, a: 4 }));
  const uncached = [...play(plan, { parameters: defaults, behave }).state.nodes.values()].find(
    ({ inputs }) => inputs?.parameters.s === "hi-the run",
  );
  expect(of(defaults, uncached?.path)).toBeUndefined();
});

/** A small generator of numbers that is the same in each run. */
function seeded(seed: number): (below: number) => number {
  let at = seed;
  return (below) => {
    at = (Math.imul(at, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((at / 2 ** 32) * below);
  };
}

test("whatever the order of things, a run ends, no step runs twice at once, and its events alone make it again", () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = seeded(seed);
    const played = play(plan, {
      parameters: { a: random(6), message: random(2) === 0 ? "secret" : "hi" },
      behave: (inputs, path, attempt) => {
        if (random(12) === 0) throw new Error("by chance");
        return behave(inputs, path, attempt);
      },
      choose: (open) => random(open.length),
      interrupt: (state) =>
        seed % 5 === 0 && state.phase === "running" && random(40) === 0
          ? { kind: "cancel", atMs: 10_000, by: "somebody" }
          : undefined,
    });
    expect(["succeeded", "failed", "cancelled"]).toContain(played.state.phase);
    const fresh = newRunState(plan, played.state.run);
    const whole = played.events.reduce((state, event) => advance(state, event).state, fresh);
    expect(whole).toEqual(played.state);
    // Stopped anywhere and read back from what was written, it goes on to the same end.
    const cut = random(played.events.length);
    const half = played.events.slice(0, cut).reduce((state, event) => advance(state, event).state, fresh);
    const reread = structuredClone({ ...half, plan: undefined });
    const rest = played.events
      .slice(cut)
      .reduce((state, event) => advance(state, event).state, { ...reread, plan });
    expect(rest).toEqual(played.state);
    // Every event again, as after a lost answer, changes nothing.
    for (const event of played.events) {
      if (event.kind === "retry") continue;
      expect(advance(played.state, event).state).toBe(played.state);
    }
  }
});
