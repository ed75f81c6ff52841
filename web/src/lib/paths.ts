/** Addresses of the UI. A project's pages stand below `/p/<project>`, as its API does. */
const inProject = (project: string, rest = "") => `/p/${encodeURIComponent(project)}${rest}`;

export const paths = {
  home: (project: string) => inProject(project),
  runs: (project: string) => inProject(project, "/runs"),
  run: (project: string, id: string) => inProject(project, `/runs/${encodeURIComponent(id)}`),
  compareRuns: (project: string, ids: readonly string[]) =>
    inProject(project, `/compare-runs?runs=${ids.map(encodeURIComponent).join(",")}`),
  loggedModel: (project: string, id: string) =>
    inProject(project, `/logged-models/${encodeURIComponent(id)}`),
  models: (project: string) => inProject(project, "/models"),
  model: (project: string, name: string) => inProject(project, `/models/${encodeURIComponent(name)}`),
  modelVersion: (project: string, name: string, version: number | string) =>
    inProject(project, `/models/${encodeURIComponent(name)}/versions/${version}`),
  compareVersions: (project: string, name: string, versions: readonly (number | string)[]) =>
    inProject(project, `/models/${encodeURIComponent(name)}/compare?versions=${versions.join(",")}`),
  notebooks: (project: string) => inProject(project, "/notebooks"),
  notebook: (project: string, path: string, version?: number) =>
    inProject(
      project,
      `/notebooks/file?path=${encodeURIComponent(path).replaceAll("%2F", "/")}${version ? `&version=${version}` : ""}`,
    ),
  /** Starts the reader's Jupyter server, or finds it running, and goes on to the file in it. */
  openNotebook: (project: string, path = "") =>
    inProject(
      project,
      `/notebooks/open${path ? `?path=${encodeURIComponent(path).replaceAll("%2F", "/")}` : ""}`,
    ),
  notebookRun: (project: string, id: string) =>
    inProject(project, `/notebooks/runs/${encodeURIComponent(id)}`),
  endpoints: (project: string) => inProject(project, "/endpoints"),
  deploy: (project: string, model: string, version: number | string) =>
    inProject(project, `/endpoints?over=deploy&model=${encodeURIComponent(model)}&version=${version}`),
  endpoint: (project: string, name: string) => inProject(project, `/endpoints/${encodeURIComponent(name)}`),
  prediction: (project: string, endpoint: string, id: string) =>
    inProject(
      project,
      `/endpoints/${encodeURIComponent(endpoint)}?tab=predictions&peek=${encodeURIComponent(id)}`,
    ),
  pipelines: (project: string) => inProject(project, "/pipelines"),
  pipeline: (project: string, id: string) => inProject(project, `/pipelines/${encodeURIComponent(id)}`),
  pipelineRuns: (project: string) => inProject(project, "/pipelines?tab=runs"),
  pipelineRun: (project: string, id: string) =>
    inProject(project, `/pipeline-runs/${encodeURIComponent(id)}`),
  pipelineStep: (project: string, run: string, path: string) =>
    inProject(project, `/pipeline-runs/${encodeURIComponent(run)}?step=${encodeURIComponent(path)}`),
  compute: (project: string) => inProject(project, "/compute"),
  job: (project: string, id: string) => inProject(project, `/compute/jobs/${encodeURIComponent(id)}`),
  datasets: (project: string) => inProject(project, "/datasets"),
  dataset: (project: string, name: string) => inProject(project, `/datasets/${encodeURIComponent(name)}`),
  datasetVersion: (project: string, name: string, version: number | string) =>
    inProject(project, `/datasets/${encodeURIComponent(name)}/versions/${version}`),
  compareDatasetVersions: (project: string, name: string, pair: { from: number; to: number }) =>
    inProject(project, `/datasets/${encodeURIComponent(name)}/compare?from=${pair.from}&to=${pair.to}`),
  features: (project: string) => inProject(project, "/features"),
  featureView: (project: string, name: string, version?: number | string) =>
    inProject(project, `/features/views/${encodeURIComponent(name)}${version ? `?version=${version}` : ""}`),
  featureService: (project: string, name: string, version?: number | string) =>
    inProject(
      project,
      `/features/services/${encodeURIComponent(name)}${version ? `?version=${version}` : ""}`,
    ),
  trainingSet: (project: string, name: string, number: number | string) =>
    inProject(project, `/features/training-sets/${encodeURIComponent(name)}/${number}`),
  monitoring: (project: string) => inProject(project, "/monitoring"),
  monitor: (project: string, name: string, tab?: string) =>
    inProject(project, `/monitoring/monitors/${encodeURIComponent(name)}${tab ? `?tab=${tab}` : ""}`),
  newMonitor: (project: string, of?: { endpoint: string } | { dataset: string }) =>
    inProject(project, `/monitoring/new${of ? `?${new URLSearchParams({ ...of })}` : ""}`),
  incidents: (project: string) => inProject(project, "/monitoring?tab=incidents"),
  incident: (project: string, id: string) =>
    inProject(project, `/monitoring/incidents/${encodeURIComponent(id)}`),
  logs: (project: string) => inProject(project, "/logs"),
  /** What carries a label: of one job, run, step or endpoint. */
  logsOf: (project: string, label: string, value: string) =>
    inProject(project, `/logs?q=${encodeURIComponent(`${label}=${value}`)}&span=7d`),
  audit: () => "/audit",
  access: () => "/access",
  settings: () => "/settings",
  projectSettings: (project: string) => inProject(project, "/settings"),
  signIn: () => "/sign-in",
};

/** The page of a thing that lineage names, when a room for it exists. */
export function pageOf(
  project: string,
  thing: { type: string; id: string; version?: string | undefined },
): string | undefined {
  if (thing.type === "notebook") return paths.notebook(project, thing.id, Number(thing.version) || undefined);
  if (thing.type === "notebook-run") return paths.notebookRun(project, thing.id);
  if (thing.type === "endpoint") return paths.endpoint(project, thing.id);
  if (thing.type === "job") return paths.job(project, thing.id);
  if (thing.type === "pipeline") return paths.pipeline(project, thing.id);
  if (thing.type === "pipeline-version")
    return `${paths.pipeline(project, thing.id)}${thing.version ? `?version=${thing.version}` : ""}`;
  if (thing.type === "pipeline-step") {
    const [run = "", ...path] = thing.id.split("/");
    return paths.pipelineStep(project, run, path.join("/"));
  }
  if (thing.type === "pipeline-run") return paths.pipelineRun(project, thing.id);
  if (thing.type === "run") return paths.run(project, thing.id);
  if (thing.type === "logged-model") return paths.loggedModel(project, thing.id);
  if (thing.type === "model-version" && thing.version !== undefined)
    return paths.modelVersion(project, thing.id, thing.version);
  if (thing.type === "model" || thing.type === "model-version") return paths.model(project, thing.id);
  return dataPageOf(project, thing);
}

// A dataset that a client logged has a digest for its version, and no page.
const COUNTED = /^[1-9][0-9]*$/;

function dataPageOf(
  project: string,
  { type, id, version = "" }: { type: string; id: string; version?: string | undefined },
): string | undefined {
  const counted = COUNTED.test(version) ? version : undefined;
  if (type === "feature-view") return paths.featureView(project, id, counted);
  if (type === "feature-service") return paths.featureService(project, id, counted);
  if (counted === undefined) return undefined;
  if (type === "dataset") return paths.datasetVersion(project, id, counted);
  if (type === "training-set") return paths.trainingSet(project, id, counted);
  return undefined;
}
