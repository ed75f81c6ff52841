import { addressOf } from "../../lib/api.ts";
import { apiCode, curlOf, type SameAsCode, shellQuoted } from "../../lib/code.tsx";
import type { VersionAt } from "./datasets-api.ts";

export function datasetsCode(project: string, search: string): SameAsCode {
  return apiCode({
    path: addressOf("/datasets", { project, query: { search } }),
    cli: `atrium datasets list --project ${project}${search ? ` --search ${shellQuoted(search)}` : ""}`,
  });
}

export function datasetCode(project: string, dataset: string): SameAsCode {
  return apiCode({
    path: addressOf("/datasets/:dataset", { project, params: { dataset } }),
    cli: `atrium datasets show ${dataset} --project ${project}\natrium datasets upload ${dataset} data.parquet --project ${project}`,
  });
}

/** The rows of a version where they are worked with: a data frame, the shell, a file. */
export function versionCode({ project, dataset, version }: VersionAt): SameAsCode {
  const params = { dataset, version };
  const content = addressOf("/datasets/:dataset/versions/:version/content", { project, params });
  const python = [
    "import io, os, requests",
    "import pandas as pd",
    "",
    "answer = requests.get(",
    `    "${location.origin}${content}",`,
    `    headers={"Authorization": f"Bearer {os.environ['ATRIUM_TOKEN']}"},`,
    ")",
    "answer.raise_for_status()",
    "frame = pd.read_parquet(io.BytesIO(answer.content))  # read_csv, read_json: as it was uploaded",
  ].join("\n");
  return {
    cli: [
      `atrium datasets show ${dataset} --version ${version} --project ${project}`,
      `atrium datasets preview ${dataset} --version ${version} --project ${project}`,
      `atrium datasets checks ${dataset} --version ${version} --project ${project}`,
    ].join("\n"),
    python,
    curl: [
      curlOf(addressOf("/datasets/:dataset/versions/:version/profile", { project, params })),
      `${curlOf(content)} \\\n  -o ${dataset}-v${version}`,
    ].join("\n\n"),
  };
}

export function sqlCode({ project, dataset, version }: VersionAt, sql: string): SameAsCode {
  return apiCode({
    path: addressOf("/datasets/:dataset/versions/:version/query", {
      project,
      params: { dataset, version },
    }),
    method: "POST",
    body: { sql },
    cli: `atrium datasets preview ${dataset} ${shellQuoted(sql)} --version ${version} --project ${project}`,
  });
}

export function comparisonCode(
  project: string,
  dataset: string,
  query: { from: number; to: number },
): SameAsCode {
  return apiCode({ path: addressOf("/datasets/:dataset/compare", { project, params: { dataset }, query }) });
}

/** A first dataset that works when pasted. */
export function firstDatasetCode(project: string, token: string): string {
  const api = `${location.origin}${addressOf("/datasets", { project })}`;
  return [
    `export ATRIUM_TOKEN=${token}`,
    "printf 'origin,delay\\nSEA,12\\nJFK,\\nSEA,3\\n' > delays.csv",
    `curl '${api}' \\`,
    `  -H "Authorization: Bearer $ATRIUM_TOKEN" -H 'Content-Type: application/json' \\`,
    `  -d '{"name": "delays"}'`,
    uploadCode(project, { dataset: "delays", file: "delays.csv", format: "csv" }),
  ].join("\n");
}

export function uploadCode(
  project: string,
  { dataset, file, format }: { dataset: string; file: string; format: string },
): string {
  const path = addressOf("/datasets/:dataset/versions/upload", {
    project,
    params: { dataset },
    query: { format },
  });
  return [
    `curl '${location.origin}${path}' \\`,
    `  -H "Authorization: Bearer $ATRIUM_TOKEN" \\`,
    `  --data-binary @${file}`,
  ].join("\n");
}
