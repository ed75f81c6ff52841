import { createReadStream } from "node:fs";
import type { Notebooks } from "#modules/notebooks";
import { done, type Outcome, type Round, type Step } from "../step.ts";

const PATH = "flights/explore.ipynb";

/** The notebook that looks at all of it with the clients that people use; one that somebody changed stays as it is. */
export function notebookStep(notebooks: Pick<Notebooks, "files">, file: string): Step {
  return {
    name: "notebook",
    title: "A notebook that explores the same data",
    leadsTo: { kind: "notebook", name: PATH },
    round,
  };

  async function round({ actor, projectId }: Round): Promise<Outcome> {
    const asked = { projectId, path: "flights", below: "one-level" as const, pageSize: 100 };
    const { items } = await notebooks.files.list(actor, asked);
    if (!items.some(({ path }) => path === PATH)) {
      const bytes = createReadStream(file);
      await notebooks.files.putFile(actor, { projectId, path: PATH, bytes, expectedVersion: 0 });
    }
    return done(PATH);
  }
}
