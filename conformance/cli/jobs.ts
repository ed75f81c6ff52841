import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT_FAILURE, EXIT_USAGE, type Items, untilPrinted, type Walk } from "./lib/walk.ts";

const LINGERING = ["sh", "-c", "sleep 600"];

interface Job {
  id: string;
  state: string;
  reason: string | null;
}

/** A folder is run on the server and here; a job is followed, left, met again, read and ended. */
export async function jobs(walk: Walk): Promise<void> {
  await runs(walk);
  await follows(walk);
  await cancels(walk);
}

async function runs({ checks, home, atrium, note }: Walk): Promise<void> {
  const cwd = join(home, "greeting");
  mkdirSync(cwd);
  const script = 'echo "$(cat word.txt) $1 by $(echo "$MLFLOW_TRACKING_URI" | cut -d : -f 1)"\n';
  writeFileSync(join(cwd, "greet.sh"), script);
  writeFileSync(join(cwd, "word.txt"), "hello");
  note("run");
  const there = await atrium(["run", "--", "sh", "greet.sh", "there"], {}, { cwd });
  checks.that(
    "run sends the folder, runs the command in it and prints what that prints",
    there.code === 0 && there.stdout === "hello there by http\n" && /succeeded/.test(there.stderr),
    there,
  );
  const here = await atrium(["run", "--local", "--", "sh", "greet.sh", "here"], {}, { cwd });
  checks.that(
    "run --local runs it here with the same settings",
    here.code === 0 && here.stdout === "hello here by http\n",
    here,
  );
  const failing = await atrium(["run", "--", "sh", "-c", "echo almost; exit 3"], {}, { cwd });
  checks.that(
    "a command that fails is said to, with its status",
    failing.code === EXIT_FAILURE && failing.stdout === "almost\n" && /\b3\b/.test(failing.stderr),
    failing,
  );
  const missing = await atrium(["run", "--local", "--", "no-such-program"], {}, { cwd });
  checks.that("a program that is not here is named", /no-such-program/.test(missing.stderr), missing);
}

async function follows(walk: Walk): Promise<void> {
  const { checks, home, atrium, json } = walk;
  const gate = join(home, "gate");
  const id = await submit(walk, [
    "sh",
    "-c",
    `echo begun; while [ ! -e ${gate} ]; do sleep 0.1; done; echo over`,
  ]);
  const left = walk.launch(["jobs", "logs", "-f", id]);
  await untilPrinted(left, /begun/);
  const running = await json<Items<Job>>("jobs list", "--state", "running");
  left.signal("SIGINT");
  const leaving = await left.ended;
  const shown = await json<Job>("jobs show", id);
  checks.that(
    "Ctrl-C leaves a followed job running and says how to return",
    leaving.code === 0 && leaving.stderr.includes(`jobs logs -f ${id}`) && shown?.state === "running",
    { leaving, shown },
  );
  checks.that("jobs list has what runs", running?.items.map((one) => one.id).join() === id, running);
  const back = walk.launch(["jobs", "logs", "-f", id]);
  await untilPrinted(back, /begun/);
  writeFileSync(gate, "");
  const whole = await back.ended;
  const read = await atrium(["jobs", "logs", id, "--attempt", "1"]);
  checks.that(
    "jobs logs -f tells a job to its end, and jobs logs the same again",
    whole.code === 0 && whole.stdout === "begun\nover\n" && read.stdout === whole.stdout,
    { whole, read },
  );
  const both = await atrium(["jobs", "logs", "-f", id, "--attempt", "1"]);
  checks.that("one attempt is not followed", both.code === EXIT_USAGE, both);
}

async function cancels(walk: Walk): Promise<void> {
  const { checks, atrium, json } = walk;
  const ids = [await submit(walk, LINGERING), await submit(walk, LINGERING)];
  const cancelled = await json<Items<Job>>("jobs cancel", ...ids);
  checks.that(
    "jobs cancel takes several",
    cancelled?.items.map(({ id }) => id).join() === ids.join(),
    cancelled,
  );
  for (const id of ids) {
    const ended = await atrium(["jobs", "logs", "-f", id]);
    const shown = await json<Job>("jobs show", id);
    checks.that(
      "a cancelled job is over, and whoever follows it is told",
      shown?.state === "cancelled" && ended.code === EXIT_FAILURE && /was cancelled/.test(ended.stderr),
      { ended, shown },
    );
  }
}

async function submit({ atrium, home, checks }: Walk, command: string[]): Promise<string> {
  const cwd = join(home, "greeting");
  const ended = await atrium(["run", "--detach", "--", ...command], {}, { cwd });
  checks.that("run --detach prints the job's id and ends", /^\S+\n$/.test(ended.stdout), ended);
  return ended.stdout.trim();
}
