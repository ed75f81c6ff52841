import type { ModelVersion, RegisteredModel } from "@atrium/contract/registry";
import { useUndoable } from "../../lib/fresh.ts";
import { deleteAlias, REGISTRY_READS, setAlias, updateModel, updateVersion } from "./registry-api.ts";

/** What can be done to a model and its versions at once, because it can be undone. */
export function useModelActions(project: string) {
  const undoable = useUndoable(REGISTRY_READS);
  const point = (model: string, alias: string, version: number | undefined) =>
    version === undefined
      ? deleteAlias({ project, params: { model, alias } })
      : setAlias({ project, params: { model, alias }, body: { version } });
  const describe = (name: string, description: string) =>
    updateModel({ project, params: { model: name }, body: { description } });
  const describeVersion = (of: ModelVersion, description: string) =>
    updateVersion({ project, params: { model: of.name, version: of.version }, body: { description } });
  const tag = (name: string, tags: Record<string, string | null>) =>
    updateModel({ project, params: { model: name }, body: { tags } });
  const tagVersion = (of: ModelVersion, tags: Record<string, string | null>) =>
    updateVersion({ project, params: { model: of.name, version: of.version }, body: { tags } });
  return {
    /** Points an alias at a version; without one it is taken away. `before` is where undo puts it. */
    moveAlias: (model: string, alias: string, to: { version?: number; before: number | undefined }) =>
      undoable({
        act: () => point(model, alias, to.version),
        said: to.version === undefined ? `@${alias} taken away` : `@${alias} is now version ${to.version}`,
        undo: () => point(model, alias, to.before),
      }),
    describe: (model: RegisteredModel, text: string) =>
      undoable({
        act: () => describe(model.name, text),
        said: "Description changed",
        undo: () => describe(model.name, model.description),
      }),
    describeVersion: (version: ModelVersion, text: string) =>
      undoable({
        act: () => describeVersion(version, text),
        said: "Description changed",
        undo: () => describeVersion(version, version.description),
      }),
    setTag: (model: RegisteredModel, name: string, value: string | null) =>
      undoable({
        act: () => tag(model.name, { [name]: value }),
        said: value === null ? `Tag ${name} removed` : `Tag ${name} set`,
        undo: () => tag(model.name, { [name]: model.tags[name] ?? null }),
      }),
    setVersionTag: (version: ModelVersion, name: string, value: string | null) =>
      undoable({
        act: () => tagVersion(version, { [name]: value }),
        said: value === null ? `Tag ${name} removed` : `Tag ${name} set`,
        undo: () => tagVersion(version, { [name]: version.tags[name] ?? null }),
      }),
  };
}
