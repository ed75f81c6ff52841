import type { View } from "@atrium/contract/tracking";
import { addressOf } from "../../lib/api.ts";
import { curlOf, type SameAsCode, shellQuoted } from "../../lib/code.tsx";
import { formatSort, type Sort } from "../../lib/url.ts";

export interface RunSearch {
  experimentIds: readonly string[];
  filter: string;
  sort: Sort | undefined;
  view: View;
}

const VIEW_TYPES: Record<View, string> = { active: "ACTIVE_ONLY", deleted: "DELETED_ONLY", all: "ALL" };
const ATTRIBUTES: Record<string, string> = {
  name: "attributes.run_name",
  status: "attributes.status",
  started: "attributes.start_time",
};

/** The same search as CLI, Python and curl. */
export function searchCode(project: string, search: RunSearch): SameAsCode {
  const { experimentIds, filter, sort, view } = search;
  const query = {
    ...(experimentIds.length > 0 ? { experimentIds } : {}),
    filter,
    sort: formatSort(sort),
    ...(view === "active" ? {} : { view }),
  };
  const lines = [
    experimentIds.length > 0
      ? `experiment_ids=${JSON.stringify(experimentIds)}`
      : "search_all_experiments=True",
    ...(filter ? [`filter_string=${JSON.stringify(filter)}`] : []),
    ...(sort ? [`order_by=[${JSON.stringify(orderOf(sort))}]`] : []),
    ...(view === "active" ? [] : [`run_view_type=mlflow.entities.ViewType.${VIEW_TYPES[view]}`]),
  ];
  const flags = [
    `--project ${project}`,
    ...(filter ? [`--filter ${shellQuoted(filter)}`] : []),
    ...(sort ? [`--sort ${shellQuoted(formatSort(sort) ?? "")}`] : []),
    ...(view === "active" ? [] : [`--view ${view}`]),
  ].join(" ");
  const lists = experimentIds.length > 0 ? experimentIds.map((id) => `list ${id}`) : ["list"];
  return {
    cli: lists.map((list) => `atrium runs ${list} ${flags}`).join("\n"),
    python: `${clientLines(project)}\nruns = mlflow.search_runs(\n${lines.map((line) => `    ${line},\n`).join("")})\nprint(runs)`,
    curl: curlOf(addressOf("/runs", { project, query })),
  };
}

export function runCode(project: string, id: string): SameAsCode {
  return {
    cli: `atrium runs show ${id} --project ${project}`,
    python: `${clientLines(project)}\nrun = mlflow.get_run(${JSON.stringify(id)})\nprint(run.data.metrics, run.data.params)`,
    curl: curlOf(addressOf("/runs/:run", { project, params: { run: id } })),
  };
}

export function compareCode(project: string, ids: readonly string[]): SameAsCode {
  const each = ids.map((id) => addressOf("/runs/:run", { project, params: { run: id } }));
  return {
    cli: ids.map((id) => `atrium runs show ${id} --project ${project}`).join("\n"),
    python: `${clientLines(project)}\nruns = [mlflow.get_run(id) for id in ${JSON.stringify(ids)}]\nfor run in runs:\n    print(run.info.run_name, run.data.metrics, run.data.params)`,
    curl: each.map((path) => curlOf(path)).join("\n\n"),
  };
}

export function loggedModelCode(project: string, id: string): SameAsCode {
  return {
    python: `${clientLines(project)}\nmodel = mlflow.pyfunc.load_model("models:/${id}")`,
    curl: curlOf(addressOf("/logged-models/:model", { project, params: { model: id } })),
  };
}

/** A first run that works when pasted. */
export function firstRunCode(project: string, token: string): string {
  return [
    "pip install mlflow",
    `export MLFLOW_TRACKING_URI=${location.origin}/p/${project}`,
    `export MLFLOW_TRACKING_TOKEN=${token}`,
    `python -c "import mlflow; mlflow.set_experiment('first'); mlflow.start_run(); mlflow.log_metric('rmse', 0.42)"`,
  ].join("\n");
}

/** The first lines of every Python example: which server, which project. */
export function clientLines(project: string): string {
  return `import mlflow\n\n# MLFLOW_TRACKING_TOKEN holds your token.\nmlflow.set_tracking_uri("${location.origin}/p/${project}")`;
}

function orderOf(sort: Sort): string {
  return `${ATTRIBUTES[sort.column] ?? sort.column} ${sort.direction === "descending" ? "DESC" : "ASC"}`;
}
