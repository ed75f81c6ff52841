import type { Dataset } from "@atrium/contract/datasets";
import { useUndoable } from "../../lib/fresh.ts";
import { DATASET_READS, updateDataset } from "./datasets-api.ts";

type Change = Parameters<typeof updateDataset>[0]["body"];

/** What can be done to a dataset at once, because it can be undone. */
export function useDatasetActions(project: string, dataset: Dataset) {
  const undoable = useUndoable(DATASET_READS);
  const change = (said: string, body: Change, before: Change) =>
    undoable({
      act: () => updateDataset({ project, params: { dataset: dataset.name }, body }),
      said,
      undo: () => updateDataset({ project, params: { dataset: dataset.name }, body: before }),
    });
  return {
    describe: (description: string) =>
      change("Description changed", { description }, { description: dataset.description }),
    setOwner: (owner: string) => change(`Owned by ${owner} from now on`, { owner }, { owner: dataset.owner }),
    setTag: (name: string, value: string | null) => {
      const { [name]: _, ...others } = dataset.tags;
      const tags = value === null ? others : { ...others, [name]: value };
      return change(
        value === null ? `Tag ${name} removed` : `Tag ${name} set`,
        { tags },
        { tags: dataset.tags },
      );
    },
  };
}
