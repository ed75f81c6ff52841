import type { PipelineRun } from "@atrium/contract/pipelines";
import { addressOf } from "../../lib/api.ts";
import { curlOf, type SameAsCode } from "../../lib/code.tsx";

/** The first lines of every Python example: which server, which project. */
function clientLines(project: string): string {
  return [
    "import os",
    "from kfp import Client",
    "",
    `client = Client(host="${location.origin}/p/${project}", existing_token=os.environ["ATRIUM_TOKEN"])`,
  ].join("\n");
}

/** A first pipeline that works when pasted. */
export function firstPipelineCode(project: string, token: string): string {
  return [
    "pip install kfp",
    `export ATRIUM_TOKEN=${token}`,
    // A component's source is read from its file, so the program has to be one.
    "cat > first.py <<'EOF'",
    "from kfp import compiler, dsl",
    clientLines(project),
    "",
    "@dsl.component",
    "def add(a: int, b: int) -> int:",
    "    return a + b",
    "",
    '@dsl.pipeline(name="first")',
    "def first(a: int = 1):",
    "    add(a=a, b=2)",
    "",
    'compiler.Compiler().compile(first, "first.yaml")',
    'client.upload_pipeline("first.yaml", "first")',
    'client.create_run_from_pipeline_package("first.yaml", arguments={"a": 3})',
    "EOF",
    "python first.py",
  ].join("\n");
}

export function pipelinesCode(project: string): SameAsCode {
  return {
    python: `${clientLines(project)}\nprint(client.list_pipelines())\nprint(client.list_runs())`,
    curl: [addressOf("/pipelines", { project }), addressOf("/pipeline-runs", { project })]
      .map((path) => curlOf(path))
      .join("\n\n"),
  };
}

export function pipelineCode(project: string, pipeline: { id: string; name: string }): SameAsCode {
  const body = { pipeline: pipeline.name, parameters: {} };
  return {
    python: [
      clientLines(project),
      `versions = client.list_pipeline_versions("${pipeline.id}")`,
      "",
      "# Starts the newest version.",
      'experiment = client.create_experiment("Default")',
      `run = client.run_pipeline(experiment.experiment_id, "by hand", pipeline_id="${pipeline.id}", params={})`,
      "client.wait_for_run_completion(run.run_id, timeout=3600)",
    ].join("\n"),
    curl: curlOf(addressOf("/pipeline-runs", { project }), "POST", body),
  };
}

export function pipelineRunCode(project: string, run: PipelineRun): SameAsCode {
  return {
    python: `${clientLines(project)}\nrun = client.get_run("${run.id}")\nprint(run.state, run.error)`,
    curl: curlOf(addressOf("/pipeline-runs/:run", { project, params: { run: run.id } })),
  };
}
