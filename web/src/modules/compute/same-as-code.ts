import { addressOf } from "../../lib/api.ts";
import { apiCode, type SameAsCode, shellQuoted } from "../../lib/code.tsx";

/** A first job that works when pasted into a folder that has a `train.py`. */
export function firstJobCode(project: string, token: string): string {
  return [
    `export ATRIUM_URL=${location.origin}`,
    `export ATRIUM_PROJECT=${project}`,
    `export ATRIUM_TOKEN=${token}`,
    "atrium run -- python train.py",
  ].join("\n");
}

export function jobsCode(project: string, state: string | undefined): SameAsCode {
  const cli = `atrium jobs list --project ${project}${state ? ` --state ${state}` : ""}`;
  return apiCode({ path: addressOf("/jobs", { project, query: state ? { state } : {} }), cli });
}

export function jobCode(project: string, id: string): SameAsCode {
  const cli = `atrium jobs show ${shellQuoted(id)} --project ${project}\natrium jobs logs -f ${shellQuoted(id)} --project ${project}`;
  return apiCode({ path: addressOf("/jobs/:job", { project, params: { job: id } }), cli });
}
