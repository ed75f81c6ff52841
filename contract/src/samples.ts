import { z } from "zod";
import { endpoint } from "./http.ts";

/**
 * The sample project that a new data folder makes for itself. Each change of a step is announced on the live stream as
 * `sample.advanced`, with the step's name in the body.
 */
export const sampleStepState = z.enum(["waiting", "running", "done", "failed"]);

/** The thing of the project that a step makes, by the name that its room finds it by. */
export const samplePlace = z.object({
  kind: z.enum(["dataset", "feature-service", "pipeline", "endpoint", "monitor", "notebook"]),
  name: z.string(),
});
export type SamplePlace = z.output<typeof samplePlace>;

export const sampleStep = z.object({
  name: z.string(),
  title: z.string(),
  state: sampleStepState,
  /** What came of it, how far it is, or why it failed: for people. */
  note: z.string(),
  leadsTo: samplePlace,
  startedMs: z.number().int().optional(),
  endedMs: z.number().int().optional(),
});
export type SampleStep = z.output<typeof sampleStep>;

export const sampleProgress = z.object({
  /** `absent`: it was not wanted when the server first started, or this is not the project that it lives in. */
  state: z.enum(["absent", "running", "done", "failed"]),
  /** The project it lives in, or would: there it can be started. */
  projectId: z.string(),
  steps: z.array(sampleStep),
});
export type SampleProgress = z.output<typeof sampleProgress>;

export const samplesApi = {
  progress: endpoint({
    method: "GET",
    path: "/samples/flights",
    permission: "project:read",
    scope: "project",
    summary: "How far the sample project is; it builds itself when a server starts for the first time.",
    answer: sampleProgress,
  }),
  start: endpoint({
    method: "POST",
    path: "/samples/flights",
    permission: "project:write",
    scope: "project",
    summary: "Makes the sample project where it was not wanted at first; where it is, changes nothing.",
    answer: sampleProgress,
    status: 202,
  }),
  takeAlert: endpoint({
    method: "POST",
    path: "/samples/flights/alerts",
    permission: "public",
    scope: "instance",
    summary:
      "Where the sample's own webhook leads: takes what is signed with the project's secret, and logs it.",
    bodyKind: "bytes",
    answer: z.object({}),
    status: 202,
  }),
  retry: endpoint({
    method: "POST",
    path: "/samples/flights/retry",
    permission: "project:write",
    scope: "project",
    summary: "Tries the step again that failed.",
    answer: sampleProgress,
  }),
};
