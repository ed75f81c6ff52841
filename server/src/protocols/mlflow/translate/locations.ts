import { AppError } from "#lib/errors";

/** Artifacts always travel through this server, so that a client needs no key of the store behind it. */
const SCHEME = "mlflow-artifacts:";
const SERVERS = /^(https?|s?ftp|ssh|wss?)$/i;

/** @param path below the project, as the modules say where something lies */
export function toArtifactUri(path: string): string {
  return `${SCHEME}/${path}`;
}

/**
 * Experiments cannot choose another store: every file is kept sealed in the project's own. The root of this server's
 * proxy is the same as saying nothing. @throws AppError `invalid`
 */
export function checkArtifactLocation(location: string | undefined): void {
  if (["", SCHEME, `${SCHEME}/`].includes(location ?? "")) return;
  throw new AppError(
    "invalid",
    "This server keeps artifacts in its own encrypted store, so 'artifact_location' cannot name another place. " +
      "Leave it out.",
    { at: "artifact_location" },
  );
}

/**
 * The files of ours that the source of a model version names; undefined when it names them in words of the registry
 * (`models:/…`, `runs:/…`) or lies in an object store. @throws AppError `invalid` for a server's address: a client that
 * loads the model would ask whoever answers there, and this server cannot see what it would get
 */
export function sourcePath(source: string): string | undefined {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(source) ?? [];
  const isOurs = `${scheme.toLowerCase()}:` === SCHEME;
  if (isOurs && /^\/[^/]/.test(rest)) return rest.slice(1).replace(/\/+$/, "");
  if (!isOurs && !SERVERS.test(scheme)) return undefined;
  throw new AppError(
    "invalid",
    `Invalid model version source: '${source.slice(0, 500)}'. A source cannot name a server; files of this one are ` +
      `${SCHEME}/<path>, without a host.`,
    { at: "source" },
  );
}

/** A path below another one; the second may be empty or end in a slash. */
export function joinPath(folder: string, path: string | undefined): string {
  const below = (path ?? "").replace(/\/$/, "");
  return below === "" ? folder : `${folder}/${below}`;
}
