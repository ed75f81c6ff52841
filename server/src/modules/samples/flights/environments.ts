import { readFile } from "node:fs/promises";
import type { Environments } from "#modules/compute";
import type { Round } from "../step.ts";

export interface WarmingDeps {
  environments: Pick<Environments, "ensure">;
  /** What the pipeline's components are built with, a package a line. */
  requirements: string;
  /** What a compiled pipeline asks for beside its requirements. */
  sdk: string;
  /** Which of them a model asks for that `train` has made. */
  servedWith: RegExp;
}

/**
 * Begins to build the environments of steps and of the served model while the data is still read: most of a first start goes
 * into packages. Who needs one later finds it there, or waits for the same build.
 */
export function createWarming({ environments, requirements, sdk, servedWith }: WarmingDeps) {
  let isBegun = false;
  return function warm(round: Pick<Round, "actor" | "projectId">): void {
    if (isBegun) return;
    isBegun = true;
    // The step that needs it says what is wrong with it.
    void build(round).catch(() => {});
  };

  async function build({ actor, projectId }: Pick<Round, "actor" | "projectId">): Promise<void> {
    const lines = (await readFile(requirements, "utf8")).split("\n").filter((line) => line !== "");
    await environments.ensure(actor, projectId, { requirements: lines, alone: [sdk] });
    const served = lines.filter((line) => servedWith.test(line));
    await environments.ensure(actor, projectId, { requirements: served });
  }
}
