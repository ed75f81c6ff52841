import { computeApi, type Job, type JobDetails } from "@atrium/contract/compute";
import { command } from "../lib/command.ts";
import { Failure, UsageError } from "../lib/failure.ts";
import { cell, facts, type Output, table, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import type { Server } from "../lib/server.ts";
import { limitOf, oneOf, whole } from "../lib/values.ts";

const WAIT_MS = 10_000; // The server answers sooner when there is something; else this is its sign of life.
const QUIET_MS = 300;
const ATTEMPTS_MAX = 1000; // More than any job makes.
const FINAL = ["succeeded", "failed", "cancelled"];
const STATES = ["queued", "preparing", "running", "succeeded", "failed", "cancelled"] as const;
const EXIT_INTERRUPTED_KINDLY = 0; // Leaving a job running is what Ctrl-C is for here.

const list = command({
  name: "jobs list",
  summary: "List jobs, newest first.",
  words: [],
  flags: {
    state: { value: "STATE", help: STATES.join(", ") },
    limit: { value: "N", help: "at most so many (default 50)" },
  },
  async run({ flags, server, output }) {
    const at = server();
    const state = oneOf(flags.state, "state", STATES);
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(computeApi.listJobs, { query: { ...page, ...(state && { state }) }, project: at.project }),
    );
    const rows = items.map((job) => [
      job.id,
      job.name,
      job.state,
      time(job.queuedMs),
      lasted(job),
      job.reason,
    ]);
    output.show({
      json: { items },
      lines: table(["ID", "NAME", "STATE", "QUEUED", "LASTED", "REASON"], rows),
    });
  },
});

const show = command({
  name: "jobs show",
  summary: "Show a job: its command, source, limits and attempts.",
  words: ["JOB"],
  flags: {},
  async run({ words: [job = ""], server, output }) {
    const at = server();
    const found = await at.call(computeApi.getJob, { params: { job }, project: at.project });
    output.show({ json: found, lines: describe(found) });
  },
});

const logs = command({
  name: "jobs logs",
  summary: "Print what a job has printed.",
  words: ["JOB"],
  flags: {
    follow: { short: "f", help: "go on until it ends" },
    attempt: { value: "N", help: "of this attempt (default: the newest)" },
  },
  async run({ words: [job = ""], flags, server, output }) {
    const at = server();
    if (flags.follow && flags.attempt !== undefined)
      throw new UsageError("--attempt: a job that is followed is told from its first attempt to its end.");
    if (flags.follow) return followJob(at, job, output);
    const attempt =
      flags.attempt === undefined
        ? undefined
        : whole(flags.attempt, "attempt", { min: 1, max: ATTEMPTS_MAX });
    let from = 0;
    for (;;) {
      const piece = await at.call(computeApi.readJobLog, {
        params: { job },
        query: { from, ...(attempt === undefined ? {} : { attempt }) },
        project: at.project,
      });
      output.write(piece.text);
      if (piece.complete || piece.text === "") return;
      from = piece.next;
    }
  },
});

const cancel = command({
  name: "jobs cancel",
  summary: "End jobs with every process that they started.",
  words: ["JOB…"],
  flags: {},
  async run({ words, server, output }) {
    const at = server();
    const items: JobDetails[] = [];
    for (const job of words) {
      items.push(await at.call(computeApi.cancelJob, { params: { job }, project: at.project }));
    }
    output.show({ json: { items }, lines: items.map(({ id, state }) => `${id} ${state}`) });
  },
});

const environments = command({
  name: "environments list",
  summary: "List the project's Python environments, the last used first.",
  words: [],
  flags: { limit: { value: "N", help: "at most so many (default 50)" } },
  async run({ flags, server, output }) {
    const at = server();
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(computeApi.listEnvironments, { query: page, project: at.project }),
    );
    const rows = items.map((one) => [
      one.digest.slice(0, 12),
      one.python,
      one.packages.length,
      time(one.usedMs),
      one.requirements.join(", ").slice(0, 80),
    ]);
    const headings = ["DIGEST", "PYTHON", "PACKAGES", "USED", "REQUIREMENTS"];
    output.show({ json: { items }, lines: table(headings, rows) });
  },
});

export const jobCommands = [list, show, logs, cancel, environments];

/** Prints a job's log until it has ended; Ctrl-C leaves it running. @throws Failure when the job does not end well */
export async function followJob(at: Server, id: string, output: Output): Promise<void> {
  const leave = (): void => {
    output.say(
      `\nLeft job ${id} running. Return: atrium jobs logs -f ${id}   End it: atrium jobs cancel ${id}`,
    );
    process.exit(EXIT_INTERRUPTED_KINDLY);
  };
  process.once("SIGINT", leave);
  try {
    const job = await printToEnd(at, id, output);
    if (output.format === "json") output.show({ json: job, lines: [] });
    if (job.state !== "succeeded") throw new Failure(`Job ${id} ${wordFor(job.state)}: ${cell(job.reason)}`);
    output.say(`Job ${id} succeeded.`);
  } finally {
    process.off("SIGINT", leave);
  }
}

async function printToEnd(at: Server, id: string, output: Output): Promise<JobDetails> {
  let attempt = 1;
  let from = 0;
  for (;;) {
    const job = await at.call(computeApi.getJob, { params: { job: id }, project: at.project });
    if (job.attempt >= attempt) {
      const query = { attempt, from, waitMs: WAIT_MS };
      const piece = await at.call(computeApi.readJobLog, { params: { job: id }, query, project: at.project });
      if (output.format === "human") output.write(piece.text);
      from = piece.next;
      if (piece.complete && job.attempt > attempt) {
        attempt += 1;
        from = 0;
        output.say(`Attempt ${attempt} begins.`);
      } else if (piece.complete && FINAL.includes(job.state)) return job;
      else if (piece.text !== "") continue;
    } else if (FINAL.includes(job.state)) return job;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }
}

function wordFor(state: string): string {
  return state === "cancelled" ? "was cancelled" : state;
}

function describe(job: JobDetails): string[] {
  const { source } = job;
  return [
    ...facts({
      job: job.id,
      name: job.name,
      state: job.state,
      reason: job.reason,
      command: job.command.join(" "),
      "submitted by": job.submittedBy,
      queued: time(job.queuedMs),
      lasted: lasted(job),
      cores: job.cores,
      memory: `${job.memoryMiB} MiB`,
      environment: job.environmentDigest?.slice(0, 12),
      source: source?.name,
      commit: source?.commit,
      changes: source?.diffPath,
    }),
    "",
    ...table(
      ["ATTEMPT", "STATE", "BEGAN", "STATUS", "REASON"],
      job.attempts.map((one) => [one.number, one.state, time(one.begunMs), one.exitCode, one.reason]),
    ),
  ];
}

function lasted(job: Job): string {
  if (job.startedMs === null) return "";
  return `${(((job.endedMs ?? Date.now()) - job.startedMs) / 1000).toFixed(1)} s`;
}
