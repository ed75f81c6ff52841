/** The tag of a logged model in which clients keep the versions that were registered from it. */
export const VERSIONS_TAG = "mlflow.modelVersions";
const VERSIONS_KEPT = 100; // A tag holds 8,000 characters; the registry itself has them all.

/** The tag's value with one more version, each once. */
export function addModelVersion(
  tag: string | undefined,
  { name, version }: { name: string; version: number },
): string {
  const others = parse(tag).filter((each) => each.name !== name || String(each.version) !== String(version));
  return JSON.stringify([...others, { name, version }].slice(-VERSIONS_KEPT));
}

/** Anybody may have written the tag; what is no list of such pairs begins anew. */
function parse(tag: string | undefined): { name: unknown; version: unknown }[] {
  try {
    const value: unknown = JSON.parse(tag ?? "[]");
    return Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];
  } catch {
    return [];
  }
}
