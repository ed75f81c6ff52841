import { curlOf, type SameAsCode } from "../../lib/code.tsx";

/** The same search as CLI, Python and curl. */
export function searchCode(
  project: string,
  search: { experimentIds: readonly string[]; filter: string },
): SameAsCode {
  const filter = search.filter ? ` --filter ${shell(search.filter)}` : "";
  const experiments =
    search.experimentIds.length > 0
      ? `experiment_ids=${JSON.stringify(search.experimentIds)}`
      : "search_all_experiments=True";
  const body = { experiment_ids: search.experimentIds, filter: search.filter };
  return {
    cli: `atrium runs list --project ${project}${filter}`,
    python: `${clientLines(project)}\nruns = mlflow.search_runs(\n    ${experiments},\n    filter_string=${JSON.stringify(search.filter)},\n)\nprint(runs)`,
    curl: curlOf(`/p/${project}/api/2.0/mlflow/runs/search`, "POST", body),
  };
}

export function runCode(project: string, id: string): SameAsCode {
  return {
    cli: `atrium runs show ${id} --project ${project}`,
    python: `${clientLines(project)}\nrun = mlflow.get_run(${JSON.stringify(id)})\nprint(run.data.metrics, run.data.params)`,
    curl: curlOf(`/p/${project}/api/2.0/mlflow/runs/get?run_id=${id}`),
  };
}

/** A first run that works when pasted; the token is made in the access room. */
export function firstRunCode(project: string): string {
  return `pip install mlflow\nexport MLFLOW_TRACKING_URI=${location.origin}/p/${project}\nexport MLFLOW_TRACKING_TOKEN=…   # Access → Tokens → New token\npython -c "import mlflow; mlflow.set_experiment('first'); mlflow.start_run(); mlflow.log_metric('rmse', 0.42)"`;
}

function clientLines(project: string): string {
  return `import mlflow\n\n# MLFLOW_TRACKING_TOKEN holds your token.\nmlflow.set_tracking_uri("${location.origin}/p/${project}")`;
}

function shell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
