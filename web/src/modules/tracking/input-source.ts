import { paths } from "../../lib/paths.ts";

const TRAINING_SET = /\/p\/([^/"]+)\/.*\/features\/training-sets\/([^/?#"\s]+)\/(\d+)(?=[/?#"\s]|$)/;
const DATASET = /\/p\/([^/"]+)\/.*\/datasets\/([^/?#"\s]+)\/versions\/(\d+)(?=[/?#"\s]|$)/;

/** The page of what a run read, where the source that its client wrote is an address of ours in this project. */
export function pageOfSource(
  { slug, id }: { slug: string; id: string | undefined },
  source: string,
): string | undefined {
  for (const [form, page] of [
    [TRAINING_SET, paths.trainingSet],
    [DATASET, paths.datasetVersion],
  ] as const) {
    const [, place, name, number] = form.exec(source) ?? [];
    const isHere = place !== undefined && [slug, id].includes(place);
    if (isHere && name !== undefined && number !== undefined) return page(slug, decoded(name), number);
  }
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A percent sign that stands for itself.
  }
}
