import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Server, startServer } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { auditVerifies, pause } from "./lib/client.ts";
import { askedRounds, killRounds, sureRounds } from "./lib/rounds.ts";

const { rounds, start: START } = askedRounds("pipelines");
const MARKS = join(START.dataDirectory, "marks");
const API = "/api/atrium/v1";
const ITEMS = [1, 2, 3, 4];
const UP_MS_MAX = 4000; // A kill comes this late at most: a step takes half a second, so that it meets several.
const END_MS_MAX = 180_000;
const POLL_MS = 200;

/** A step that holds a folder as its lock while it runs, and says so when it finds it taken. */
const LOCKED = `
import os, time

def locked(marks, name):
    path = os.path.join(marks, name)
    try:
        os.mkdir(path)
    except FileExistsError:
        os.makedirs(path + ".twice", exist_ok=True)
    time.sleep(0.2)
    os.rmdir(path)
`;

interface Run {
  run: { id: string; state: string; reason?: string };
  steps: { path: string; kind: string; state: string; attempt: number; outputs?: Outputs }[];
}
interface Outputs {
  parameters: Record<string, unknown>;
}

const checks = createChecks();
mkdirSync(MARKS);
try {
  await killTheServer();
} finally {
  rmSync(START.dataDirectory, { recursive: true, force: true });
}
checks.end();

async function killTheServer(): Promise<void> {
  const first = await startServer(START);
  await endOf(first, await start(first, "warm")); // Builds the environment, so that the kills meet steps.
  await first.stop();
  const ids: string[] = [];
  await killRounds({ rounds, start: START, upMsMax: UP_MS_MAX }, async (server, round) => {
    ids.push(await start(server, `r${round}`));
  });
  const server = await startServer(START);
  const ended: Run[] = [];
  for (const id of ids) ended.push(await endOf(server, id));
  const wrong = ended.filter(({ run }) => run.state !== "succeeded");
  checks.that("every run that was acknowledged ended well", wrong.length === 0, wrong);
  const total = ITEMS.reduce((sum, n) => sum + n * 2, 0);
  const sums = ended.map(({ steps }) => outputOf(steps, "guarded/total"));
  checks.that(
    "what its loop made is whole and in order",
    sums.every((sum) => sum === total),
    sums,
  );
  const last = ended.map(({ steps }) => steps.find(({ path }) => path === "last")?.state);
  checks.that(
    "its exit task ran",
    last.every((state) => state === "succeeded"),
    last,
  );
  const marks = readdirSync(MARKS);
  checks.that("no step ran beside itself", !marks.some((name) => name.endsWith(".twice")), marks);
  checks.that("there was something to lose", ids.length >= sureRounds(rounds), ids.length);
  checks.that("the audit chain verifies", await auditVerifies(server), server.output().slice(-2000));
  const steps = ended.flatMap((one) => one.steps.filter(({ kind }) => kind === "code"));
  checks.figure(`${rounds} kills, ${ids.length} runs, ${steps.length} steps`);
  await server.stop();
}

function outputOf(steps: Run["steps"], path: string): unknown {
  return steps.find((step) => step.path === path)?.outputs?.parameters.Output;
}

async function start(server: Server, mark: string): Promise<string> {
  const parameters = { marks: MARKS, mark };
  const { id } = await ask(server, "POST /pipeline-runs", { spec: spec(), parameters, cache: "off" });
  return id;
}

async function endOf(server: Server, id: string): Promise<Run> {
  const deadline = performance.now() + END_MS_MAX;
  for (;;) {
    const found: Run = await ask(server, `GET /pipeline-runs/${id}`);
    if (found.run.state !== "running" || performance.now() > deadline) return found;
    await pause(POLL_MS);
  }
}

async function ask(at: Server, route: `${"GET" | "POST"} /${string}`, body?: object) {
  const [method = "", path = ""] = route.split(" ", 2);
  const answer = await fetch(`${at.url}${API}${path}`, {
    method,
    headers: { authorization: `Bearer ${at.token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${route}: ${answer.status} ${text}\n${at.output().slice(-2000)}`);
  return JSON.parse(text);
}

/** `guarded` is a loop over four items and the sum of what it made; `last` runs when it has ended. */
function spec(): string {
  const parameters = (types: Record<string, string>) => ({
    parameters: Object.fromEntries(
      Object.entries(types).map(([name, parameterType]) => [name, { parameterType }]),
    ),
  });
  const shared = { marks: "STRING", mark: "STRING" };
  const handed = { marks: { componentInputParameter: "marks" }, mark: { componentInputParameter: "mark" } };
  const made = parameters({ Output: "NUMBER_INTEGER" });
  const task = (component: string, inputs: object, rest: object = {}) => ({
    componentRef: { name: component },
    inputs: { parameters: { ...handed, ...inputs } },
    ...rest,
  });
  const step = (executorLabel: string, types: Record<string, string>) => ({
    executorLabel,
    inputDefinitions: parameters({ ...shared, ...types }),
    outputDefinitions: made,
  });
  const loop = task(
    "one",
    {},
    {
      parameterIterator: { items: { raw: JSON.stringify(ITEMS) }, itemInput: "n" },
      iteratorPolicy: { parallelismLimit: 2 },
    },
  );
  const listed = { values: { taskOutputParameter: { producerTask: "loop", outputParameterKey: "Output" } } };
  return JSON.stringify({
    pipelineInfo: { name: "under-fire" },
    schemaVersion: "2.1.0",
    deploymentSpec: {
      executors: {
        double: executor({ name: "double", input: "n: int", result: "n * 2", mark: 'f"{mark}-{n}"' }),
        total: executor({
          name: "total",
          input: "values: list",
          result: "sum(values)",
          mark: 'mark + "-total"',
        }),
        last: executor({ name: "last", input: "", result: "0", mark: 'mark + "-last"' }),
      },
    },
    components: {
      one: step("double", { n: "NUMBER_INTEGER" }),
      total: step("total", { values: "LIST" }),
      last: step("last", {}),
      guarded: {
        inputDefinitions: parameters(shared),
        dag: { tasks: { loop, total: task("total", listed, { dependentTasks: ["loop"] }) } },
      },
    },
    root: {
      inputDefinitions: parameters(shared),
      dag: {
        tasks: {
          guarded: task("guarded", {}),
          last: task(
            "last",
            {},
            {
              dependentTasks: ["guarded"],
              triggerPolicy: { strategy: "ALL_UPSTREAM_TASKS_COMPLETED" },
            },
          ),
        },
      },
    },
  });
}

interface PythonFunction {
  name: string;
  input: string;
  result: string;
  /** What its lock is called. */
  mark: string;
}

function executor({ name, input, result, mark }: PythonFunction): object {
  const inputs = ["marks: str", "mark: str", input].filter(Boolean).join(", ");
  const source = `${LOCKED}\ndef ${name}(${inputs}) -> int:\n    locked(marks, ${mark})\n    return ${result}\n`;
  const install = "python3 -m pip install --quiet 'kfp==2.17.0' '--no-deps' && \"$0\" \"$@\"";
  return {
    container: {
      image: "python:3.11",
      command: ["sh", "-c", install, "sh", "-ec", "python3 -m kfp.dsl.executor_main", source],
      args: ["--executor_input", "{{$}}", "--function_to_execute", name],
      resources: { memoryLimit: 0.128 },
    },
  };
}
