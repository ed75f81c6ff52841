import { readFile } from "node:fs/promises";
import type { Environments } from "#modules/compute";
import type { Round } from "../step.ts";

const SDK = "kfp==2.17.0"; // What the compiled pipeline asks for beside its requirements.
const SERVED_WITH = /^(mlflow-skinny|scikit-learn|pandas|skops)==/; // As `train` writes it into the model.

export interface WarmingDeps {
  environments: Pick<Environments, "ensure">;
  /** What the pipeline's components are built with, a package a line. */
  requirements: string;
}

/**
 * Begins to build the environments of steps and of the served model while the data is still read: most of a first start goes
 * into packages. Who needs one later finds it there, or waits for the same build.
 */
export function createWarming({ environments, requirements }: WarmingDeps) {
  let isBegun = false;
  return function warm(round: Pick<Round, "actor" | "projectId">): void {
    if (isBegun) return;
    isBegun = true;
    // The step that needs it says what is wrong with it.
    void build(round).catch(() => {});
  };

  async function build({ actor, projectId }: Pick<Round, "actor" | "projectId">): Promise<void> {
    const lines = (await readFile(requirements, "utf8")).split("\n").filter((line) => line !== "");
    await environments.ensure(actor, projectId, { requirements: lines, alone: [SDK] });
    const served = lines.filter((line) => SERVED_WITH.test(line));
    await environments.ensure(actor, projectId, { requirements: served });
  }
}
