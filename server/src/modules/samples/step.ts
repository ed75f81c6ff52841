import type { SamplePlace } from "@atrium/contract/samples";
import type { Actor } from "#modules/identity";

/** What a step is given at each of its rounds. */
export interface Round {
  /** The sample's own service account. */
  actor: Actor;
  projectId: string;
  /** When the sample was begun: the same at each round of each step. */
  begunMs: number;
  /** What the round before left; empty at first. */
  cursor: string;
  /** The round before failed, or somebody asked for another try: what has failed is made anew. */
  again: boolean;
}

/** What a round came to. A step that waits for others says how far they are, and is asked again a second later. */
export type Outcome =
  | { done: true; note: string }
  | { done: false; note: string; cursor?: string | undefined };

/**
 * A step of the sample. A round looks at what is there and does the next missing thing, so that one which was killed, or
 * which ran before, changes nothing twice. @throws AppError when it cannot go on
 */
export interface Step {
  name: string;
  title: string;
  leadsTo: SamplePlace;
  round(given: Round): Promise<Outcome>;
}

export const done = (note: string): Outcome => ({ done: true, note });
export const notYet = (note: string, cursor?: string): Outcome => ({ done: false, note, cursor });
