import { addressOf } from "../../lib/api.ts";
import { curlOf, type SameAsCode, shellQuoted } from "../../lib/code.tsx";
import { clientLines } from "../tracking/same-as-code.ts";

export function modelsCode(project: string, filter: string): SameAsCode {
  const given = filter ? `filter_string=${JSON.stringify(filter)}` : "";
  return {
    cli: `atrium models list --project ${project}${filter ? ` --filter ${shellQuoted(filter)}` : ""}`,
    python: `${clientLines(project)}\nfor model in mlflow.MlflowClient().search_registered_models(${given}):\n    print(model.name, model.aliases)`,
    curl: curlOf(addressOf("/models", { project, query: { filter } })),
  };
}

export function modelCode(project: string, name: string): SameAsCode {
  return {
    cli: `atrium models show ${shellQuoted(name)} --project ${project}`,
    python: `${clientLines(project)}\nclient = mlflow.MlflowClient()\nmodel = client.get_registered_model(${JSON.stringify(name)})\nprint(model.aliases)\nclient.set_registered_model_alias(${JSON.stringify(name)}, "champion", 1)`,
    curl: curlOf(addressOf("/models/:model", { project, params: { model: name } })),
  };
}

export function versionCode(
  project: string,
  version: { name: string; version: number; aliases: readonly string[] },
): SameAsCode {
  const [alias] = version.aliases;
  const uri = `models:/${version.name}${alias === undefined ? `/${version.version}` : `@${alias}`}`;
  return {
    cli: `atrium models show ${shellQuoted(version.name)} --project ${project}\natrium models alias ${shellQuoted(version.name)} champion ${version.version} --project ${project}`,
    python: `${clientLines(project)}\nmodel = mlflow.pyfunc.load_model(${JSON.stringify(uri)})`,
    curl: curlOf(
      addressOf("/models/:model/versions/:version", {
        project,
        params: { model: version.name, version: version.version },
      }),
    ),
  };
}

/** A first registered model that works when pasted. */
export function firstModelCode(project: string, token: string): string {
  return [
    "pip install mlflow scikit-learn",
    `export MLFLOW_TRACKING_URI=${location.origin}/p/${project}`,
    `export MLFLOW_TRACKING_TOKEN=${token}`,
    "python - <<'END'",
    "import mlflow",
    "from sklearn.linear_model import LinearRegression",
    "",
    "model = LinearRegression().fit([[1], [2]], [2, 4])",
    'mlflow.sklearn.log_model(model, name="model", registered_model_name="first-model")',
    "END",
  ].join("\n");
}
