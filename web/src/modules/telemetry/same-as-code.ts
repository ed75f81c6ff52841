import { addressOf } from "../../lib/api.ts";
import { curlOf, type SameAsCode } from "../../lib/code.tsx";
import { parseLogQuery } from "./log-query.ts";
import type { Scope } from "./telemetry-api.ts";

export function logsCode(project: string, scope: Scope, q: string): SameAsCode {
  const asked = parseLogQuery(q);
  const address =
    scope === "instance"
      ? addressOf("/instance/logs", { query: { ...asked } })
      : addressOf("/logs", { project, query: { ...asked } });
  return {
    cli: `atrium logs${scope === "project" ? ` --project ${project}` : ""}${asked.labels ? ` --labels ${asked.labels}` : ""}${asked.text ? ` --text '${asked.text.replaceAll("'", "")}'` : ""}`,
    python: `import os, requests\n\nanswer = requests.get(\n    "${location.origin}${address}",\n    headers={"Authorization": f"Bearer {os.environ['ATRIUM_TOKEN']}"},\n)\nfor line in answer.json()["items"]:\n    print(line["message"])`,
    curl: curlOf(address),
  };
}
