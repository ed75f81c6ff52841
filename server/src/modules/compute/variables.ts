import { join } from "node:path";
import type { ClientVariables, ServerAddress } from "./deps.ts";

// Of what programs get from the operator's environment a job sees this: neither a home folder nor an index's password.
const FOR_JOBS = /^(PATH|LANG|LC_[A-Z]+|TZ|SSL_CERT_(FILE|DIR)|(https?|all|no)_proxy)$/i;
// Libraries take all cores of the machine when nobody tells them how many are theirs.
const THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"];

export interface VariablesGiven {
  job: { id: string; projectId: string; attempt: number; cores: number };
  /** The working folder: home and temporary files are in it, so that they go when it goes. */
  folder: string;
  environment: { folder: string; packages: readonly string[] } | undefined;
  /** Of its log lines. */
  labels: Readonly<Record<string, string>>;
  /** Variable → folder of an environment that it does not run in. */
  besides: Readonly<Record<string, string>>;
  programs: Readonly<Record<string, string>>;
  server: ServerAddress | undefined;
  token: string | undefined;
  /** Holds the system's authorities and ours. */
  authorities: string | undefined;
  own: Readonly<Record<string, string>>;
  secrets: Readonly<Record<string, string>>;
  clientVariables: ClientVariables;
}

/** All that a job's processes find in their environment. What the job itself sets goes before what we choose. */
export function variablesOf(given: VariablesGiven): Record<string, string> {
  const { job, folder, environment, programs, server, token, authorities } = given;
  const kept = Object.fromEntries(Object.entries(programs).filter(([name]) => FOR_JOBS.test(name)));
  const path = kept.PATH ?? "/usr/local/bin:/usr/bin:/bin";
  return {
    LANG: "C.UTF-8",
    ...kept,
    ...aroundProxies(kept, server),
    HOME: folder,
    TMPDIR: join(folder, ".tmp"),
    PYTHONUNBUFFERED: "1", // Else its words are heard when it has ended.
    ...(job.cores === 0 ? {} : Object.fromEntries(THREADS.map((name) => [name, String(job.cores)]))),
    ...(environment === undefined
      ? {}
      : { VIRTUAL_ENV: environment.folder, PATH: `${join(environment.folder, "bin")}:${path}` }),
    ...(authorities === undefined
      ? {}
      : { SSL_CERT_FILE: authorities, REQUESTS_CA_BUNDLE: authorities, CURL_CA_BUNDLE: authorities }),
    ATRIUM_JOB_ID: job.id,
    ATRIUM_JOB_ATTEMPT: String(job.attempt),
    ATRIUM_PROJECT: job.projectId,
    ...(server === undefined ? {} : { ATRIUM_URL: server.url }),
    ...(token === undefined ? {} : { ATRIUM_TOKEN: token }),
    ...(server === undefined || token === undefined
      ? {}
      : given.clientVariables({
          ...{ url: server.url, token, authorities, labels: given.labels },
          packages: environment?.packages ?? [],
        })),
    ...given.besides,
    ...given.own,
    ...given.secrets,
  };
}

/** A proxy for the world outside is none for the way back to us. */
function aroundProxies(
  kept: Readonly<Record<string, string>>,
  server: ServerAddress | undefined,
): Record<string, string> {
  if (server === undefined || !Object.keys(kept).some((name) => /_proxy$/i.test(name))) return {};
  const direct = [kept.NO_PROXY ?? kept.no_proxy, "localhost", "127.0.0.1", new URL(server.url).hostname];
  const list = [...new Set(direct.filter(Boolean))].join(",");
  return { NO_PROXY: list, no_proxy: list };
}
