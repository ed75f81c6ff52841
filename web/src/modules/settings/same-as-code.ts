import { addressOf } from "../../lib/api.ts";
import { apiCode, type SameAsCode } from "../../lib/code.tsx";

/** What a tab of the settings shows, as code. */
export function settingsCode(tab: string, project: string): SameAsCode {
  switch (tab) {
    case "limits":
      return apiCode({ path: addressOf("/project/quotas", { project }) });
    case "secrets":
      return apiCode({
        path: addressOf("/project/secrets/:name", { project, params: { name: "MY_SECRET" } }),
        method: "PUT",
        body: { value: "…" },
      });
    case "webhooks":
      return apiCode({
        path: addressOf("/model-webhooks", { project }),
        method: "POST",
        body: {
          name: "ci",
          url: "https://ci.example.org/models",
          events: ["model_version.created", "model_version_alias.created"],
        },
      });
    case "organisation":
      return apiCode({ path: addressOf("/projects", {}), cli: "atrium project list" });
    case "you":
      return apiCode({ path: addressOf("/me", {}), cli: "atrium whoami" });
    case "sessions":
      return apiCode({ path: addressOf("/sessions", {}) });
    case "about":
      return apiCode({ path: addressOf("/about", {}), cli: "atrium doctor" });
    default:
      return apiCode({
        path: addressOf("/projects/:project", { params: { project } }),
        cli: `atrium project show ${project}`,
      });
  }
}
