import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT_FAILURE, EXIT_USAGE, type Items, untilPrinted, type Walk } from "./lib/walk.ts";

interface Found {
  run: { id: string; state: string };
  steps: { path: string; state: string; jobId?: string }[];
}

/** A compiled file is run and uploaded; a run is listed, shown, ended, and done again where it failed. */
export async function pipelines(walk: Walk): Promise<void> {
  await runsWithoutCode(walk);
  const name = await uploads(walk);
  await retries(walk, name);
  await cancels(walk, name);
}

/** A pipeline of one step that runs no code: it is over at once, and needs no environment. */
async function runsWithoutCode({ checks, home, json, atrium }: Walk): Promise<void> {
  const file = join(home, "importer.json");
  const spec = specOf("importer", {
    executor: { importer: { artifactUri: { runtimeParameter: "uri" } } },
    inputs: { uri: "STRING" },
    outputs: { artifacts: { artifact: {} } },
  });
  writeFileSync(file, spec);
  const run = await json<Found>("pipelines run", file, "uri=gs://x/y");
  const shown = await json<Found>("pipelines show", run?.run.id ?? "");
  const listed = await json<Items<unknown>>("pipelines list");
  const runs = await json<Items<unknown>>("pipelines runs", "--state", "succeeded");
  checks.that(
    "a file is run without becoming a pipeline, and its run shown and listed",
    run?.run.state === "succeeded" &&
      shown?.steps.length === 1 &&
      listed?.items.length === 0 &&
      runs?.items.length === 1,
    { run, shown, listed, runs },
  );
  for (const name of ["cancel", "retry"]) {
    const over = await atrium(["pipelines", name, run?.run.id ?? ""]);
    checks.that(`${name} of a run that succeeded is refused`, over.code === EXIT_FAILURE, over);
  }
  const wrong = await atrium(["pipelines", "run", file, "uri"]);
  checks.that("a parameter without a value is wrong use", wrong.code === EXIT_USAGE, wrong);
}

/** One whose step reads a file, and waits for it when it is told to. */
async function uploads({ checks, home, json, atrium }: Walk): Promise<string> {
  const file = join(home, "gate.json");
  writeFileSync(
    file,
    specOf("gate", { executor: gateExecutor(), inputs: { path: "STRING", wait: "BOOLEAN" } }),
  );
  const first = await json<{ version: { name: string } }>("pipelines upload", file);
  const second = await json<{ version: { name: string } }>("pipelines upload", file, "--version", "second");
  const listed = await json<Items<{ name: string; versions: number }>>("pipelines list");
  checks.that(
    "pipelines upload makes a pipeline, and a version when it is there",
    first !== undefined && second?.version.name === "second" && listed?.items[0]?.versions === 2,
    { first, second, listed },
  );
  const broken = join(home, "broken.json");
  writeFileSync(broken, '{"pipelineInfo": {"name": "broken"}}');
  const refused = await atrium(["pipelines", "upload", broken]);
  checks.that("what is no compiled pipeline is refused", refused.code === EXIT_FAILURE, refused);
  return "gate";
}

async function retries({ checks, home, json, atrium }: Walk, name: string): Promise<void> {
  const path = join(home, "read.txt");
  const failing = await atrium([
    "pipelines",
    "run",
    name,
    `path=${path}`,
    "wait=false",
    "--name",
    "first try",
  ]);
  checks.that(
    "a run that fails is told step by step, and why",
    failing.code === EXIT_FAILURE && /failed +gate/.test(failing.stderr) && /gate/.test(failing.stdout),
    failing,
  );
  const failed = await json<Items<{ id: string; name: string }>>(
    "pipelines runs",
    ...["--pipeline", name, "--state", "failed"],
  );
  const [run] = failed?.items ?? [];
  checks.that("pipelines runs finds it by pipeline and state", run?.name === "first try", failed);
  writeFileSync(path, "there it is");
  const again = await json<Found>("pipelines retry", run?.id ?? "");
  checks.that("pipelines retry does again what failed", again?.run.state === "succeeded", again);
  const printed = await atrium(["jobs", "logs", again?.steps[0]?.jobId ?? ""]);
  checks.that("the job of its step tells what the step printed", /there it is/.test(printed.stdout), printed);
}

async function cancels(walk: Walk, name: string): Promise<void> {
  const { checks, home, json } = walk;
  const path = join(home, "never-there.txt");
  const rest = [`path=${path}`, "wait=true", "--detach"];
  const { id = "" } = (await json<{ id: string }>("pipelines run", name, ...rest)) ?? {};
  let job: string | undefined;
  while (job === undefined) job = (await json<Found>("pipelines show", id))?.steps[0]?.jobId;
  const log = walk.launch(["jobs", "logs", "-f", job]);
  await untilPrinted(log, /looks/);
  await json("pipelines cancel", id);
  const told = await log.ended;
  let state = "cancelling";
  while (state === "cancelling") state = (await json<Found>("pipelines show", id))?.run.state ?? "";
  checks.that(
    "pipelines cancel ends the step that runs, and the run",
    state === "cancelled" && /was cancelled/.test(told.stderr),
    { state, told },
  );
}

interface Step {
  executor: object;
  /** Types by name; the run's parameters are the step's. */
  inputs: Record<string, string>;
  outputs?: object;
}

function specOf(name: string, { executor, inputs, outputs }: Step): string {
  const entries = Object.entries(inputs);
  const inputDefinitions = {
    parameters: Object.fromEntries(entries.map(([key, parameterType]) => [key, { parameterType }])),
  };
  const handed = Object.fromEntries(entries.map(([key]) => [key, { componentInputParameter: key }]));
  const task = { componentRef: { name }, inputs: { parameters: handed } };
  const component = {
    executorLabel: name,
    inputDefinitions,
    ...(outputs === undefined ? {} : { outputDefinitions: outputs }),
  };
  return JSON.stringify({
    pipelineInfo: { name },
    schemaVersion: "2.1.0",
    deploymentSpec: { executors: { [name]: executor } },
    components: { [name]: component },
    root: { inputDefinitions, dag: { tasks: { [name]: task } } },
  });
}

/** As the SDK's compiler writes a lightweight Python component. */
function gateExecutor(): object {
  const source = `
import os, time

def gate(path: str, wait: bool):
    print("looks", flush=True)
    while wait and not os.path.exists(path):
        time.sleep(0.1)
    print(open(path).read(), flush=True)
`;
  const install = "python3 -m pip install --quiet 'kfp==2.17.0' '--no-deps' && \"$0\" \"$@\"";
  return {
    container: {
      image: "python:3.11",
      command: ["sh", "-c", install, "sh", "-ec", "python3 -m kfp.dsl.executor_main", source],
      args: ["--executor_input", "{{$}}", "--function_to_execute", "gate"],
    },
  };
}
