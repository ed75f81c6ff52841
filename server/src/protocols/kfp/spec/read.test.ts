import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { AppError } from "#lib/errors";
import { readPlan } from "./read.ts";

const TEXT = readFileSync(join(import.meta.dirname, "../fixtures/control_flow.yaml"), "utf8");

const PROGRAM = "python3 -m kfp.dsl.executor_main";
const container = (over: object = {}) => ({
  image: "python:3.11",
  command: ["sh", "-ec", PROGRAM, "def work():\n    pass\n"],
  args: ["--executor_input", "{{$}}", "--function_to_execute", "work"],
  ...over,
});

/** The smallest spec with one step, with something of it changed. */
function spec(
  given: { task?: object; executor?: object; component?: object; root?: object; top?: object } = {},
) {
  return JSON.stringify({
    pipelineInfo: { name: "small" },
    schemaVersion: "2.1.0",
    deploymentSpec: { executors: { exec: given.executor ?? { container: container() } } },
    components: { comp: { executorLabel: "exec", ...given.component } },
    root: { dag: { tasks: { step: { componentRef: { name: "comp" }, ...given.task } } }, ...given.root },
    ...given.top,
  });
}

function refusal(text: string): { at: string | undefined; message: string } {
  try {
    readPlan(text);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(AppError);
    expect((thrown as AppError).code).toBe("invalid");
    return { at: (thrown as AppError).at, message: (thrown as AppError).message };
  }
  throw new Error("It was taken.");
}

test("a compiled pipeline becomes a plan: code without what installs it, loops, retries, conditions", () => {
  const plan = readPlan(TEXT);
  expect(plan.name).toBe("control-flow");
  expect(plan.components["comp-add"]?.body).toMatchObject({
    kind: "code",
    functionName: "add",
    requirements: ["numpy>=1.20", 'tomli; python_version<"3.11"'],
    sdk: "kfp==2.17.0",
  });
  expect(plan.components["comp-use"]?.body).toMatchObject({
    cores: 0.5,
    memoryMiB: 489,
    variables: { A: "b" },
    requirements: [],
  });
  const graph = plan.components["comp-exit-handler-1"]?.body;
  expect(graph?.kind === "dag" && graph.tasks["for-loop-2"]?.loop).toMatchObject({ parallel: 2 });
  expect(graph?.kind === "dag" && graph.order.indexOf("gather")).toBeGreaterThan(
    graph?.kind === "dag" ? graph.order.indexOf("for-loop-2") : 0,
  );
  const loop = plan.components["comp-for-loop-4"]?.body;
  expect(loop?.kind === "dag" && loop.tasks.add?.retry).toEqual({
    retriesMax: 2,
    backoffMs: 1000,
    factor: 2,
    backoffMsMax: 3_600_000,
  });
  expect(plan.root.body.kind === "dag" && plan.root.body.tasks.last?.when).toBe("completed");
});

test("JSON and YAML, one document or the client's object of two, say the same", () => {
  const plan = readPlan(spec());
  expect(readPlan(stringify(JSON.parse(spec())))).toEqual(plan);
  expect(readPlan(`{"pipeline_spec": ${spec()}}`)).toEqual(plan);
  const deadline = {
    platforms: { kubernetes: { deploymentSpec: { executors: { exec: { activeDeadlineSeconds: "60" } } } } },
  };
  const timed = readPlan(`{"pipeline_spec": ${spec()}, "platform_spec": ${JSON.stringify(deadline)}}`);
  expect(timed.components.comp?.body).toMatchObject({ timeoutMs: 60_000 });
  expect(readPlan(`${stringify(JSON.parse(spec()))}---\n${stringify(deadline)}`)).toEqual(timed);
});

test("what is no pipeline is refused with the place", () => {
  const place = (text: string) => refusal(text).at;
  expect(place("")).toBe("spec");
  expect(place("{")).toBe("spec");
  expect(place("a: [")).toBe("spec");
  expect(place("[]")).toBe("spec");
  expect(place("\0")).toBe("spec");
  expect(place("{}")).toBe("pipelineInfo");
  expect(place(spec({ top: { schemaVersion: "1.0" } }))).toBe("schemaVersion");
  expect(place(spec({ top: { surprise: 1 } }))).toBe("spec");
  expect(place(spec({ task: { surprise: 1 } }))).toBe("root.dag.tasks.step");
  expect(refusal(spec({ task: { surprise: 1 } })).message).toMatch(/surprise/);
  expect(place(spec({ task: { retryPolicy: { maxRetryCount: 1, backoffDuration: "soon" } } }))).toBe(
    "root.dag.tasks.step.retryPolicy.backoffDuration",
  );
  expect(place(spec({ task: { triggerPolicy: { condition: "1 ==" } } }))).toBe(
    "root.dag.tasks.step.triggerPolicy.condition",
  );
  expect(place(spec({ root: { dag: undefined, executorLabel: "exec" } }))).toBe("root.dag");
});

test("a text that would swell when it is read is refused", () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 9; i += 1) {
    const before = String.fromCharCode(96 + i);
    const name = String.fromCharCode(97 + i);
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(", ")}]`);
  }
  expect(refusal(bomb.join("\n")).message).toMatch(/cannot be used/);
  expect(refusal(`a: ${"x".repeat(1024 * 1024)}`).message).toMatch(/characters/);
});

test("a name that leads nowhere is refused with the place", () => {
  const place = (text: string) => refusal(text).at;
  const step = "root.dag.tasks.step";
  expect(place(spec({ task: { componentRef: { name: "nothing" } } }))).toBe(`${step}.componentRef.name`);
  expect(place(spec({ task: { dependentTasks: ["other"] } }))).toBe(`${step}.dependentTasks`);
  expect(place(spec({ component: { executorLabel: "nothing" } }))).toBe("components.comp.executorLabel");
  const given = (source: object) => spec({ task: { inputs: { parameters: { x: source } } } });
  expect(place(given({ componentInputParameter: "y" }))).toBe(`${step}.inputs.parameters.x`);
  expect(place(given({ taskOutputParameter: { producerTask: "step", outputParameterKey: "y" } }))).toBe(
    "root.dag.tasks.step", // It would wait for itself.
  );
  expect(place(given({}))).toBe(`${step}.inputs.parameters.x`);
  const needs = { inputDefinitions: { parameters: { n: { parameterType: "NUMBER_INTEGER" } } } };
  expect(refusal(spec({ component: needs })).message).toMatch(/comp needs n/);
});

test("tasks that wait for each other and graphs that hold themselves are refused", () => {
  const task = (...dependentTasks: string[]) => ({ componentRef: { name: "comp" }, dependentTasks });
  const circle = { dag: { tasks: { a: task("b"), b: task("c"), c: task("a") } } };
  expect(refusal(spec({ root: circle })).message).toMatch(/a → b → c → a/);
  const itself = { executorLabel: undefined, dag: { tasks: { again: { componentRef: { name: "comp" } } } } };
  expect(refusal(spec({ component: itself })).message).toMatch(/holds itself/);
});

test("what cannot run here is refused with the place and the reason", () => {
  const refused = (executor: object) => refusal(spec({ executor }));
  const at = "deploymentSpec.executors.exec";
  expect(refused({ container: { image: "alpine", command: ["echo"] } })).toMatchObject({
    at: `${at}.container.command`,
    message: expect.stringMatching(/no container runtime/),
  });
  expect(refused({ customJob: {} }).at).toBe(`${at}.customJob`);
  expect(refused({ resolver: {} }).at).toBe(`${at}.resolver`);
  expect(refused({}).at).toBe(at);
  expect(refused({ container: container({ resources: { accelerator: { resourceType: "gpu" } } }) }).at).toBe(
    `${at}.container.resources.accelerator`,
  );
  expect(refused({ container: container({ resources: { resourceMemoryLimit: "{{$.x}}" } }) }).at).toBe(
    `${at}.container.resources.resourceMemoryLimit`,
  );
  const install = (script: string) => ({
    container: container({ command: ["sh", "-c", script, ...container().command] }),
  });
  expect(refused(install("python3 -m pip install --index-url https://x 'a'")).message).toMatch(/--index-url/);
  expect(refused(install("python3 -m pip install 'git+https://x/kfp' '--no-deps'")).message).toMatch(
    /released kfp/,
  );
  const old = readPlan(
    spec({ executor: install('python3 -m pip install --quiet \'kfp==2.0.1\' && "$0" "$@"') }),
  );
  expect(old.components.comp?.body).toMatchObject({ sdk: "kfp==2.0.1", requirements: [] });
  const pods = {
    platforms: { kubernetes: { deploymentSpec: { executors: { exec: { nodeSelector: {} } } } } },
  };
  expect(refusal(`{"pipeline_spec": ${spec()}, "platform_spec": ${JSON.stringify(pods)}}`).at).toBe(
    "platforms.kubernetes.deploymentSpec.executors.exec.nodeSelector",
  );
});

test("an input that a graph was never given is refused where a step needs it, and only there", () => {
  const leaf = { n: { parameterType: "NUMBER_INTEGER" } };
  const graph = (steps: object) =>
    JSON.stringify({
      ...JSON.parse(spec()),
      components: {
        comp: { executorLabel: "exec", inputDefinitions: { parameters: leaf } },
        graph: { inputDefinitions: { parameters: leaf }, dag: { tasks: steps } },
      },
      root: {
        dag: {
          tasks: {
            inner: {
              componentRef: { name: "graph" },
              inputs: { parameters: { n: { componentInputParameter: "nowhere" } } },
            },
          },
        },
      },
    });
  expect(readPlan(graph({})).name).toBe("small");
  const reads = {
    step: { componentRef: { name: "comp" }, inputs: { parameters: { n: { componentInputParameter: "n" } } } },
  };
  expect(refusal(graph(reads)).at).toBe("components.graph.dag.tasks.step.inputs.parameters.n");
});
