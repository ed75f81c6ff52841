import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { computeApi, type JobDetails } from "@atrium/contract/compute";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type House, openHouse } from "../../testing/house.ts";

const API = "/api/atrium/v1";

let house: House;
let stopping: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  house = await openHouse();
  work();
});
afterEach(async () => {
  await rest();
  await house.close();
});

/** The worker of this machine takes up its jobs. */
function work(): void {
  stopping = new AbortController();
  const job = house.jobs.find(({ name }) => name.startsWith("compute-run"));
  running = job?.run(stopping.signal) ?? Promise.reject(new Error("There is no such job."));
}

async function rest(): Promise<void> {
  stopping.abort();
  await running;
}

async function submit(body: object): Promise<JobDetails> {
  const answer = await house.ask("POST", `${API}/jobs`, { body: { name: "test", ...body } });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return computeApi.submitJob.answer.parse(JSON.parse(answer.text));
}

async function get(id: string): Promise<JobDetails> {
  const answer = await house.ask("GET", `${API}/jobs/${id}`);
  return computeApi.getJob.answer.parse(JSON.parse(answer.text));
}

async function until(id: string, ...states: string[]): Promise<JobDetails> {
  for (;;) {
    const job = await get(id);
    if (states.includes(job.state)) return job;
    await sleep(20);
  }
}

const ended = (id: string) => until(id, "succeeded", "failed", "cancelled");

async function logOf(id: string, query = ""): Promise<string> {
  const answer = await house.ask("GET", `${API}/jobs/${id}/log${query}`);
  return computeApi.readJobLog.answer.parse(JSON.parse(answer.text)).text;
}

const artifact = (path: string) =>
  house.ask("GET", `${API}/artifacts/content?path=${encodeURIComponent(path)}`);

async function told(kind: string, id: string): Promise<number> {
  const { sql } = await import("kysely");
  const rows = await sql<{ body: string }>`select body from events_outbox where kind = ${kind}`.execute(
    house.db.reader.kysely,
  );
  return rows.rows.filter((row) => JSON.stringify(row).includes(id)).length;
}

const sh = (script: string) => ["sh", "-c", script];

test("a job runs with its files, variables and limits, and its outputs are kept when it ended well", async () => {
  const { id } = await submit({
    command: sh(
      "cat in/words.txt; echo $GREETING; mkdir -p out/deep; echo made > out/deep/file; echo x > one",
    ),
    files: { "in/words.txt": "from a file\n" },
    variables: { GREETING: "hello" },
    outputs: [
      { from: "out", artifactPath: "results/a" },
      { from: "one", artifactPath: "results/one.txt" },
      { from: "missing", artifactPath: "results/none", optional: true },
    ],
  });
  const job = await ended(id);
  expect(job).toMatchObject({ state: "succeeded", exitCode: 0, attempt: 1, reason: null });
  expect(await logOf(id)).toBe("from a file\nhello\n");
  expect(await told("job.started", id)).toBe(1);
  expect(await told("job.finished", id)).toBe(1);
  const listed = await house.modules.artifacts.list(
    {
      kind: "system",
      id: "system",
      name: "",
      via: { kind: "process", id: "" },
      request: { id: "", ip: "", userAgent: "" },
    },
    { projectId: job.projectId, path: "results/a/deep" },
    { pageSize: 10 },
  );
  expect(listed.items.map((entry) => entry.path)).toEqual(["results/a/deep/file"]);
  await rest();
  expect(readdirSync(join(house.data, "attempts"))).toEqual(["machine"]);
});

test("a job that leaves less than it was to produce fails, and nothing of it is kept", async () => {
  const { id, projectId } = await submit({
    command: sh("echo x > one"),
    outputs: [
      { from: "one", artifactPath: "results/one.txt" },
      { from: "two", artifactPath: "results/two.txt" },
    ],
  });
  expect(await ended(id)).toMatchObject({ state: "failed", reason: expect.stringContaining("two") });
  expect((await artifact("results/one.txt")).status).toBe(404);
  expect(projectId).not.toBe("");
});

test("outputs that are links lead nowhere", async () => {
  const { id } = await submit({
    command: sh(
      "ln -s /etc/passwd secret; ln -s /etc folder; mkdir real; ln -s /etc/hostname real/link; echo a > real/a",
    ),
    outputs: [
      { from: "real", artifactPath: "results/real" },
      { from: "folder/hostname", artifactPath: "results/through", optional: true },
      { from: "secret", artifactPath: "results/secret", optional: true },
    ],
  });
  expect((await ended(id)).state).toBe("succeeded");
  for (const path of ["results/secret", "results/real/link", "results/through"]) {
    expect((await artifact(path)).status).toBe(404);
  }
});

test("a command that fails says how, and is tried again as often as was asked", async () => {
  const { id } = await submit({ command: sh("echo attempt $ATRIUM_JOB_ATTEMPT; exit 3"), retries: 1 });
  const job = await ended(id);
  expect(job).toMatchObject({ state: "failed", exitCode: 3, attempt: 2 });
  expect(job.reason).toBe("The command ended with status 3.");
  expect(job.attempts.map(({ state, exitCode }) => [state, exitCode])).toEqual([
    ["failed", 3],
    ["failed", 3],
  ]);
  expect(await logOf(id, "?attempt=1")).toBe("attempt 1\n");
  expect(await logOf(id)).toBe("attempt 2\n");
});

test("a running job is cancelled with all of its processes, a waiting one at once", async () => {
  const first = await submit({ command: sh("sleep 300 & sleep 300"), limits: { cores: 1 } });
  await until(first.id, "running");
  const { cores } = JSON.parse((await house.ask("GET", `${API}/compute`)).text) as { cores: number };
  const second = await submit({ command: sh("true"), limits: { cores } });
  expect((await get(second.id)).state).toBe("queued");
  for (const { id } of [second, first]) {
    expect((await house.ask("POST", `${API}/jobs/${id}/cancel`, { body: {} })).status).toBe(200);
  }
  expect(await get(second.id)).toMatchObject({ state: "cancelled", attempt: 0 });
  expect(await ended(first.id)).toMatchObject({ state: "cancelled", reason: "It was cancelled." });
  expect((await house.ask("POST", `${API}/jobs/${first.id}/cancel`, { body: {} })).status).toBe(200);
});

test("a job's log is read while it runs, from where one is, and waits for more", async () => {
  const { id } = await submit({ command: sh("echo one; sleep 0.7; echo two") });
  await until(id, "running");
  const first = JSON.parse((await house.ask("GET", `${API}/jobs/${id}/log?waitMs=5000`)).text) as {
    text: string;
    next: number;
  };
  expect(first.text).toBe("one\n");
  const more = await house.ask("GET", `${API}/jobs/${id}/log?from=${first.next}&waitMs=5000`);
  expect(JSON.parse(more.text)).toMatchObject({ text: "two\n" });
  await ended(id);
  expect(await logOf(id, `?from=${first.next}`)).toBe("two\n");
  await house.modules.telemetry.flush();
  const lines = await house.ask("GET", `${API}/logs?labels=${encodeURIComponent(`job=${id}`)}`);
  const { items } = JSON.parse(lines.text) as { items: { message: string }[] };
  expect(items.map((line) => line.message).sort()).toEqual(["one", "two"]);
});

test("what a job takes is kept as metrics under the labels of its log", async () => {
  const { id } = await submit({ command: sh("sleep 3"), labels: { stage: "train" } });
  expect((await ended(id)).state).toBe("succeeded");
  const of = async (name: string) => {
    const asked = new URLSearchParams({
      name,
      labels: `job=${id},stage=train`,
      fromMs: "0",
      toMs: `${Date.now()}`,
    });
    const answer = await house.ask("GET", `${API}/metrics/range?${asked}`);
    return (JSON.parse(answer.text) as { items: { points: [number, number][] }[] }).items[0]?.points[0]?.[1];
  };
  await expect.poll(() => of("job_memory_resident_bytes"), { timeout: 20_000 }).toBeGreaterThan(100_000);
  expect(await of("job_cpu_seconds_total")).toBeLessThan(2);
  expect(await of("job_processes")).toBeGreaterThanOrEqual(2);
});

test("a job acts with a token of its own that ends with it, and neither it nor a secret is seen in the log", async () => {
  const stored = await house.ask("PUT", `${API}/project/secrets/PASSWORD`, {
    body: { value: "hunter2-hunter2" },
  });
  expect(stored.status).toBe(200);
  const { id } = await submit({
    command: sh(
      'echo "$ATRIUM_TOKEN" > ../token; echo "say $ATRIUM_TOKEN and $WORD"; sleep 0.5; cp ../token t',
    ),
    secrets: { WORD: "PASSWORD" },
    outputs: [{ from: "t", artifactPath: "leaked" }],
  });
  await until(id, "running");
  await ended(id);
  const log = await logOf(id);
  expect(log).toMatch(/^say \*+ and \*{15}\n$/);
  const token = (await artifact("leaked")).text.trim();
  expect(token).toMatch(/^atrium_/);
  const refused = await house.ask("GET", `${API}/jobs`, { token });
  expect(refused.status).toBe(401);
  const mine = await house.ask("GET", `${API}/tokens`);
  expect(mine.text).not.toContain(`job ${id}`);
  expect(house.printed.join("")).not.toContain(token);
});

test("when a secret has changed since a job began, nothing of the log is shown that could hold the former one", async () => {
  const put = (value: string) => house.ask("PUT", `${API}/project/secrets/PASSWORD`, { body: { value } });
  await put("the-former-one");
  const { id } = await submit({ command: sh('sleep 0.5; echo "say $WORD"'), secrets: { WORD: "PASSWORD" } });
  await until(id, "running");
  await rest();
  await put("another-one");
  work();
  expect(await ended(id)).toMatchObject({ state: "succeeded", attempt: 1 });
  expect(await logOf(id)).toMatch(/^\*{18}\n$/);
});

test.each([
  [{ command: [] }, 400],
  [{ command: ["true"], limits: { cores: 4096 } }, 400],
  [{ command: ["true"], files: { "../x": "" } }, 400],
  [{ command: ["true"], files: { "/etc/x": "" } }, 400],
  [{ command: ["true"], outputs: [{ from: "a/../../b", artifactPath: "x" }] }, 400],
  [{ command: ["true"], requirements: ["--index-url http://x"] }, 400],
  [{ command: ["tr\u0000ue"] }, 400],
  [{ command: ["true"], secrets: { A: "NONE" } }, 404],
  [{ command: ["true"], variables: { "not a name": "" } }, 400],
  [{ command: ["true"], id: "UPPER" }, 400],
  [{ command: ["true"], unknown: 1 }, 400],
])("what cannot be a job is refused when it is submitted: %j", async (body, status) => {
  const answer = await house.ask("POST", `${API}/jobs`, { body: { name: "bad", ...body } });
  expect(answer.status).toBe(status);
});

test("the same job sent twice is one job, and its id is nobody else's", async () => {
  const body = { id: "same-job-1", command: sh("echo once") };
  await Promise.all([submit(body), submit(body)]);
  await ended("same-job-1");
  expect(await told("job.queued", "same-job-1")).toBe(1);
  const other = await house.ask("POST", `${API}/projects`, { body: { slug: "other" } });
  expect(other.status).toBe(201);
  const taken = await house.ask("POST", `/p/other${API}/jobs`, { body: { name: "x", ...body } });
  expect(taken.status).toBe(409);
  expect((await house.ask("GET", `/p/other${API}/jobs/same-job-1`)).status).toBe(404);
});

test("a job that runs while the worker rests is taken up again where it is", async () => {
  const { id } = await submit({
    command: sh("echo begin; sleep 1; echo end; echo kept > out"),
    outputs: [{ from: "out", artifactPath: "kept" }],
  });
  await until(id, "running");
  await rest();
  await sleep(1300);
  expect((await get(id)).state).toBe("running");
  work();
  expect(await ended(id)).toMatchObject({ state: "succeeded", attempt: 1 });
  expect(await logOf(id)).toBe("begin\nend\n");
  expect((await artifact("kept")).text).toBe("kept\n");
});

test("jobs are listed newest first, by state and by what they are done for", async () => {
  const ids: string[] = [];
  const actor = await house.modules.identity.authenticate({
    authorization: `Bearer ${house.adminToken}`,
    ...{ ip: "", userAgent: "", requestId: "" },
  });
  const project = (await house.modules.projects.resolve("default"))?.id ?? "";
  for (const [at, id] of ["r1", "r2", "r1"].entries()) {
    const origin = { type: "run", id };
    const job = { id: `listed-job-${at}`, projectId: project, name: "x", command: ["true"], origin };
    await house.modules.compute.jobs.submitAlone(actor, job);
    ids.push(job.id);
    await sleep(2);
  }
  for (const id of ids) await ended(id);
  const ask = async (query: string) => {
    const { text } = await house.ask("GET", `${API}/jobs?${query}`);
    return computeApi.listJobs.answer.parse(JSON.parse(text));
  };
  expect((await ask("")).items.map(({ id }) => id)).toEqual([...ids].reverse());
  expect((await ask("originType=run&originId=r1")).items.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
  expect((await ask("state=failed")).items).toEqual([]);
  const first = await ask("pageSize=2");
  const second = await ask(`pageSize=2&pageToken=${first.nextToken}`);
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([...ids].reverse());
});
