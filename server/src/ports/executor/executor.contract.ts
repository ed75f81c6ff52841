import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Executor, LaunchLimits, Usage } from "./executor.ts";

const VARIABLES = { PATH: "/usr/local/bin:/usr/bin:/bin" };
const LIMITS: LaunchLimits = { cores: 1, memoryMiB: 512, timeoutMs: 60_000, outputMiB: 64 };
const never = new AbortController().signal;

/** What every engine of the executor port must do. `open` opens the same machine again, as a restarted server would. */
export function executorContract(open: () => Executor): void {
  let last = 0;
  const newId = (): string => {
    last += 1;
    return `t${process.pid}-${last}`;
  };

  async function begin(
    script: string,
    given: { limits?: Partial<LaunchLimits>; variables?: Record<string, string> } = {},
  ) {
    const executor = open();
    const attemptId = newId();
    const folder = await executor.prepare(attemptId);
    const launch = {
      attemptId,
      command: ["sh", "-c", script],
      variables: { ...VARIABLES, ...given.variables },
      limits: { ...LIMITS, ...given.limits },
    };
    await executor.start(launch);
    const text = async () => (await executor.output(attemptId, 0, 1_000_000)).toString();
    return { executor, attemptId, folder, launch, text };
  }

  async function pidFrom(file: string): Promise<number> {
    while (!existsSync(file) || readFileSync(file, "utf8") === "") await sleep(10);
    return Number(readFileSync(file, "utf8"));
  }

  test("a command runs in its folder with its environment and nothing of ours, and its status and words are kept", async () => {
    const { executor, attemptId, folder, text } = await begin(
      'pwd; env | sort; echo oops >&2; exit "$CODE"',
      {
        variables: { CODE: "7" },
      },
    );
    expect(await executor.observe(attemptId, { signal: never })).toEqual({ kind: "exited", exitCode: 7 });
    const said = (await text()).split("\n");
    expect(said).toContain(folder);
    expect(said).toContain("oops");
    const names = said.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => line.split("=")[0]);
    expect(names.sort()).toEqual(["ATRIUM_ATTEMPT_ID", "CODE", "PATH", "PWD"]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await executor.state(attemptId)).toBe("ended");
  });

  test("a program that is not there ends like in a shell", async () => {
    const executor = open();
    const attemptId = newId();
    await executor.prepare(attemptId);
    await executor.start({ attemptId, command: ["no-such-program"], variables: VARIABLES, limits: LIMITS });
    expect(await executor.observe(attemptId, { signal: never })).toMatchObject({
      kind: "exited",
      exitCode: 127,
    });
  });

  test("however often an attempt is started, its command runs once", async () => {
    const { executor, attemptId, folder, launch } = await begin("echo once >> ../work/runs; sleep 0.3");
    await Promise.all([executor.start(launch), open().start(launch), open().start(launch)]);
    await executor.observe(attemptId, { signal: never });
    await executor.start(launch);
    await sleep(200);
    expect(readFileSync(join(folder, "runs"), "utf8")).toBe("once\n");
  });

  test("whoever comes after a crash finds what runs and what has ended", async () => {
    const long = await begin("sleep 0.5; exit 3");
    const short = await begin("exit 4");
    await short.executor.observe(short.attemptId, { signal: never });
    const heir = open();
    expect(await heir.list()).toEqual(expect.arrayContaining([long.attemptId, short.attemptId]));
    expect(await heir.state(long.attemptId)).toBe("running");
    expect(await heir.observe(short.attemptId, { signal: never })).toEqual({ kind: "exited", exitCode: 4 });
    expect(await heir.observe(long.attemptId, { signal: never })).toEqual({ kind: "exited", exitCode: 3 });
    expect(await heir.state("never-was")).toBe("absent");
  });

  test("what is printed is heard of while the command runs", async () => {
    const { executor, attemptId, text } = await begin("echo first; sleep 0.6; echo second");
    const heard: number[] = [];
    await executor.observe(attemptId, { signal: never, printed: (size) => heard.push(size) });
    expect(heard).toContain(6);
    expect(heard.at(-1)).toBe(13);
    expect(await text()).toBe("first\nsecond\n");
    expect((await executor.output(attemptId, 6, 100)).toString()).toBe("second\n");
  });

  test("what its processes take is told while they run", async () => {
    const { executor, attemptId } = await begin(
      "(end=$(($(date +%s) + 3)); while [ $(date +%s) -lt $end ]; do :; done)",
    );
    const heard: Usage[] = [];
    await executor.observe(attemptId, { signal: never, measured: (usage) => heard.push(usage) });
    const last = heard.at(-1);
    expect(last?.cpuSeconds).toBeGreaterThan(0.2);
    expect(last?.cpuSeconds).toBeLessThan(60);
    expect(last?.residentBytes).toBeGreaterThan(100_000);
    expect(last?.processes).toBeGreaterThanOrEqual(2);
  });

  test("who stops looking leaves the command running", async () => {
    const { executor, attemptId } = await begin("sleep 0.5; exit 5");
    const looking = new AbortController();
    const left = expect(executor.observe(attemptId, { signal: looking.signal })).rejects.toThrow();
    looking.abort();
    await left;
    expect(await executor.observe(attemptId, { signal: never })).toEqual({ kind: "exited", exitCode: 5 });
  });

  test("an attempt whose folder has gone is lost, and one that was never there too", async () => {
    const executor = open();
    const none = { kind: "lost", exitCode: null };
    expect(await executor.observe(newId(), { signal: never })).toEqual(none);
    const { attemptId, folder } = await begin("sleep 300");
    await executor.remove(attemptId);
    expect(existsSync(folder)).toBe(false);
    expect(await executor.observe(attemptId, { signal: never })).toEqual(none);
    expect(await executor.state(attemptId)).toBe("absent");
  });

  test("cancelling ends every process of the attempt, gently first", async () => {
    const { executor, attemptId, folder, text } = await begin(
      "trap 'echo cleaned; exit 0' TERM; sleep 300 & echo $! > child.new; mv child.new child; wait",
    );
    const child = await pidFrom(join(folder, "child"));
    await executor.cancel(attemptId, 5000);
    expect(await executor.observe(attemptId, { signal: never })).toMatchObject({ kind: "cancelled" });
    expect(await text()).toContain("cleaned");
    expect(isAlive(child)).toBe(false);
    await executor.cancel(attemptId, 5000);
  });

  test("a command that will not end is ended, with what left its process group", async () => {
    const { executor, attemptId, folder } = await begin(
      "trap '' TERM; setsid sleep 300 & echo $! > away.new; mv away.new away; while :; do sleep 1; done",
    );
    const away = await pidFrom(join(folder, "away"));
    await executor.cancel(attemptId, 200);
    expect(await executor.observe(attemptId, { signal: never })).toEqual({
      kind: "cancelled",
      exitCode: 137,
    });
    await executor.remove(attemptId);
    await sleep(100);
    expect(isAlive(away)).toBe(false);
    expect(existsSync(folder)).toBe(false);
    expect(await executor.state(attemptId)).toBe("absent");
  });

  test("what a command leaves running ends with it", async () => {
    const { executor, attemptId, folder } = await begin("sleep 300 & echo $! > child; exit 0");
    expect(await executor.observe(attemptId, { signal: never })).toEqual({ kind: "exited", exitCode: 0 });
    await sleep(100);
    expect(isAlive(await pidFrom(join(folder, "child")))).toBe(false);
  });

  test("a command is ended when its time is over, though nobody looks", async () => {
    const { executor, attemptId } = await begin("sleep 300", { limits: { timeoutMs: 1000 } });
    await sleep(2500);
    expect(await executor.state(attemptId)).toBe("ended");
    expect(await executor.observe(attemptId, { signal: never })).toMatchObject({ kind: "timeout" });
  });

  test("a command that prints without end is stopped, and its log is bounded", async () => {
    const { executor, attemptId } = await begin("yes 'the same line again and again'", {
      limits: { outputMiB: 8 },
    });
    expect(await executor.observe(attemptId, { signal: never })).toMatchObject({ kind: "output" });
    const size = (await executor.output(attemptId, 0, 32 * 1024 * 1024)).length;
    expect(size).toBeLessThan(8.01 * 1024 * 1024); // A shell may say behind it that it was too much.
  });

  test("a command that fills its folder with many files is stopped", async () => {
    const { executor, attemptId } = await begin(
      'i=0; while :; do i=$((i+1)); head -c 1000000 /dev/zero > "f$i"; done',
      { limits: { outputMiB: 8 } },
    );
    expect(await executor.observe(attemptId, { signal: never })).toMatchObject({ kind: "output" });
    await executor.remove(attemptId);
  });

  test("a command that takes more memory than it may is ended", async () => {
    const { executor, attemptId } = await begin(
      `exec ${process.execPath} -e 'const kept=[]; setInterval(() => kept.push(Buffer.alloc(2e7, 1)), 100)'`,
      { limits: { memoryMiB: 200 } },
    );
    expect(await executor.observe(attemptId, { signal: never })).toMatchObject({ kind: "memory" });
  });

  test("when its shim is killed the command ends too, and is told apart from one that ended by itself", async () => {
    const { executor, attemptId, folder } = await begin("echo $PPID > shim; echo $$ > own; sleep 300");
    const own = await pidFrom(join(folder, "own"));
    const claim = readFileSync(join(folder, "../claim"), "utf8");
    process.kill(Number(claim.split(" ")[0]), "SIGKILL");
    expect(await executor.observe(attemptId, { signal: never })).toEqual({ kind: "lost", exitCode: null });
    expect(isAlive(own)).toBe(false);
  });

  test("a process that has got the number of one that ran before is left alone", async () => {
    const { executor, attemptId, folder } = await begin("exit 0");
    await executor.observe(attemptId, { signal: never });
    const claim = readFileSync(join(folder, "../claim"), "utf8").split(" ");
    writeFileSync(join(folder, "../claim"), [process.pid, "1", claim[2]].join(" "));
    await executor.cancel(attemptId, 100);
    await executor.remove(attemptId);
    expect(await executor.state(attemptId)).toBe("absent");
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that nobody has buried yet is dead all the same.
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}
