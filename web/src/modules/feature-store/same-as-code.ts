import type { Service, TrainingSet, View } from "@atrium/contract/feature-store";
import { addressOf } from "../../lib/api.ts";
import { apiCode, curlOf, type SameAsCode } from "../../lib/code.tsx";

export function featuresCode(project: string): SameAsCode {
  return apiCode({
    path: addressOf("/features/views", { project }),
    cli: `atrium features list --project ${project}`,
  });
}

export function viewCode(project: string, view: View, keys: Record<string, string>): SameAsCode {
  const pairs = Object.entries(keys).map(([name, value]) => `${name}=${value}`);
  return {
    cli: [
      `atrium features show ${view.name} --project ${project}`,
      `atrium features materialize ${view.name} --project ${project}`,
      `atrium features get --view ${view.name} ${pairs.join(" ")} --project ${project}`,
    ].join("\n"),
    python: feastCode(project, {
      features: view.allFeatures.map(({ name }) => `${view.name}:${name}`),
      keys: typedKeys(view, keys),
    }),
    curl: curlOf(
      addressOf("/features/views/:name/values", { project, params: { name: view.name } }),
      "POST",
      {
        keys: [typedKeys(view, keys)],
      },
    ),
  };
}

export function serviceCode(project: string, service: Service, keys: Record<string, string>): SameAsCode {
  const pairs = Object.entries(keys).map(([name, value]) => `${name}=${value}`);
  return {
    cli: `atrium features get ${service.name} ${pairs.join(" ")} --project ${project}`,
    python: feastCode(project, {
      features: service.views.flatMap(({ view, features }) => features.map((name) => `${view}:${name}`)),
      keys: typedKeys(service, keys),
    }),
    curl: curlOf(
      addressOf("/features/services/:name/values", { project, params: { name: service.name } }),
      "POST",
      { keys: [typedKeys(service, keys)] },
    ),
  };
}

/** The unmodified feast client, its online store pointed here. */
function feastCode(
  project: string,
  { features, keys }: { features: readonly string[]; keys: Record<string, string | number> },
): string {
  return [
    "# feature_store.yaml:",
    "#   project: default",
    "#   provider: local",
    "#   registry: registry.db",
    `#   online_store: { type: remote, path: "${location.origin}/p/${project}/feast" }`,
    "#   auth: { type: oidc, token_env_var: ATRIUM_TOKEN }",
    "from feast import FeatureStore",
    "",
    'store = FeatureStore(repo_path=".")',
    "print(store.get_online_features(",
    "    features=[",
    ...features.map((name) => `        "${name}",`),
    "    ],",
    `    entity_rows=[${JSON.stringify(keys)}],`,
    ").to_df())",
  ].join("\n");
}

export function trainingSetCode(project: string, set: TrainingSet): SameAsCode {
  const { asked } = set;
  const flags = [
    ...(asked.name ? [`--name ${asked.name}`] : []),
    ...(asked.names === "full" ? ["--full-names"] : []),
    ...(asked.defaults === "filled" ? ["--defaults"] : []),
    `--project ${project}`,
  ].join(" ");
  return {
    ...apiCode({ path: addressOf("/features/training-sets", { project }), method: "POST", body: asked }),
    ...(asked.entities.sql === undefined
      ? {
          cli: `atrium features training-set ${asked.service} ${asked.entities.dataset} ${asked.entities.timestampColumn} ${flags}`,
        }
      : {}),
  };
}

/** Keys as their types ask for them; whole numbers that a double cannot hold stay text. */
export function typedKeys(
  { joinKeys }: Pick<View, "joinKeys">,
  keys: Record<string, string>,
): Record<string, string | number> {
  return Object.fromEntries(
    joinKeys.map(({ name, type }) => {
      const text = keys[name] ?? "";
      const number = Number(text);
      return [name, type === "int64" && text !== "" && Number.isSafeInteger(number) ? number : text];
    }),
  );
}

/** A first view that works once its dataset is there. */
export function firstViewCode(project: string, token: string): string {
  const api = location.origin + addressOf("/features", { project });
  return [
    `export ATRIUM_TOKEN=${token}`,
    'post() { curl -H "Authorization: Bearer $ATRIUM_TOKEN" -H \'Content-Type: application/json\' "$@"; }',
    `post ${api}/entities -d '{"name": "driver", "joinKeys": [{"name": "driver_id", "type": "int64"}]}'`,
    `post ${api}/views -d '{"name": "driver_hourly", "entities": ["driver"], "ttlSeconds": 604800,`,
    '  "source": {"dataset": "drivers", "timestampColumn": "event_timestamp"},',
    '  "features": [{"name": "trips", "type": "int64", "default": 0}]}\'',
    `atrium features materialize driver_hourly --project ${project}`,
  ].join("\n");
}

export function firstTrainingSetCode(project: string): string {
  return `atrium features training-set SERVICE DATASET TIME-COLUMN --project ${project}`;
}
