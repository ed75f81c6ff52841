import type { SampleProgress } from "@atrium/contract/samples";
import type { Job } from "#lib/jobs";
import type { Actor } from "#modules/identity";
import type { Inbox } from "./inbox.ts";

/** The sample project: real data, features, a pipeline, a model, an endpoint and its monitoring, made on first start. */
export interface Samples {
  /** On the first start of a data folder, notes whether the sample is wanted; later calls change nothing. */
  plan(wish: "wanted" | "unwanted"): Promise<void>;
  progress(actor: Actor, projectId: string): Promise<SampleProgress>;
  /** Where it was declined; changes nothing where it is. @throws AppError `conflict` in any other project */
  start(actor: Actor, projectId: string): Promise<SampleProgress>;
  /** @throws AppError `conflict` when no step has failed */
  retry(actor: Actor, projectId: string): Promise<SampleProgress>;
  /** How to ask the endpoint, for whoever started the server in a terminal; undefined until the sample is done. */
  greeting(): Promise<string | undefined>;
  /** Takes a message of the sample's own webhook. */
  takeAlert: Inbox;
  /** Makes it, step by step; a start that was killed goes on where it was. */
  jobs: Job[];
}
