import { z } from "zod";
import { endpoint } from "./http.ts";

export const sampleStepState = z.enum(["waiting", "running", "done", "failed"]);

export const sampleStep = z.object({
  name: z.string(),
  title: z.string(),
  state: sampleStepState,
  /** What came of it, how far it is, or why it failed: for people. */
  note: z.string(),
  startedMs: z.number().int().optional(),
  endedMs: z.number().int().optional(),
});
export type SampleStep = z.output<typeof sampleStep>;

export const sampleProgress = z.object({
  /** `absent`: it was not wanted when the server first started. */
  state: z.enum(["absent", "running", "done", "failed"]),
  /** The project it lives in. */
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
  retry: endpoint({
    method: "POST",
    path: "/samples/flights/retry",
    permission: "project:write",
    scope: "project",
    summary: "Tries the step again that failed.",
    answer: sampleProgress,
  }),
};
