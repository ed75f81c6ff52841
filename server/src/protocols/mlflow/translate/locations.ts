import { AppError } from "#lib/errors";

/** Artifacts always travel through this server, so that a client needs no key of the store behind it. */
const SCHEME = "mlflow-artifacts:";

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

/** The part of an artifact URI below the project; undefined when it names another scheme or another server. */
export function artifactPathOf(uri: string): string | undefined {
  if (!uri.startsWith(`${SCHEME}/`) || uri.startsWith(`${SCHEME}//`)) return undefined;
  return uri.slice(SCHEME.length + 1);
}

/** A path below another one; the second may be empty or end in a slash. */
export function joinPath(folder: string, path: string | undefined): string {
  const below = (path ?? "").replace(/\/$/, "");
  return below === "" ? folder : `${folder}/${below}`;
}
