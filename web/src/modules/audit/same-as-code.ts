import { addressOf } from "../../lib/api.ts";
import { curlOf, type SameAsCode } from "../../lib/code.tsx";
import type { AuditQuery } from "./audit-api.ts";

export function recordsCode(query: AuditQuery): SameAsCode {
  const address = addressOf("/audit/records", { query: { ...query } });
  return {
    cli: `atrium audit list${query.action ? ` --action ${query.action}` : ""}${query.text ? ` --text '${query.text.replaceAll("'", "")}'` : ""}`,
    python: `import os, requests\n\nanswer = requests.get(\n    "${location.origin}${address}",\n    headers={"Authorization": f"Bearer {os.environ['ATRIUM_TOKEN']}"},\n)\nfor record in answer.json()["items"]:\n    print(record["actor"]["name"], record["action"])`,
    curl: curlOf(address),
  };
}
