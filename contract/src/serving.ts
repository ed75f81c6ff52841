import { z } from "zod";
import { endpoint } from "./http.ts";
import { coldStart } from "./serving/cold-start.ts";
import {
  deployment,
  endpointExample,
  newDeployment,
  newEndpoint,
  revision,
  route,
  servingEndpoint,
} from "./serving/endpoints.ts";
import { description, page, pageOf } from "./serving/fields.ts";
import { canaryVerdict, endpointStats, endpointSummary } from "./serving/numbers.ts";
import {
  feedback,
  loggedPrediction,
  predictAnswer,
  predictionOrigin,
  predictRequest,
} from "./serving/predictions.ts";

export type { ColdStart, ColdStartStep, ColdStartTable } from "./serving/cold-start.ts";
export type {
  Deployment,
  DeploymentSettings,
  DeploymentState,
  EndpointExample,
  EndpointInput,
  Revision,
  Route,
  ServingEndpoint,
  TensorShape,
} from "./serving/endpoints.ts";
export type { Cell, ServingEngine } from "./serving/fields.ts";
export type { CanaryVerdict, EndpointStats, EndpointSummary } from "./serving/numbers.ts";
export type {
  Cohort,
  Feedback,
  LoggedPrediction,
  PredictAnswer,
  PredictionOrigin,
  ServedBy,
} from "./serving/predictions.ts";
export { coldStart, deployment, feedback, predictAnswer, predictRequest };

const named = z.object({ endpoint: z.string().min(1).max(256) });
const range = {
  /** Milliseconds since 1970 UTC; `fromMs` belongs to the range, `toMs` does not. */
  fromMs: z.coerce.number().int().min(0),
  toMs: z.coerce.number().int().min(0),
};

export const servingApi = {
  listEndpoints: endpoint({
    method: "GET",
    path: "/endpoints",
    permission: "endpoint:read",
    scope: "project",
    summary: "Endpoints, by name.",
    query: z.object(page),
    answer: pageOf(servingEndpoint),
  }),
  createEndpoint: endpoint({
    method: "POST",
    path: "/endpoints",
    permission: "endpoint:write",
    scope: "project",
    summary: "Makes an endpoint that routes to nothing yet.",
    body: newEndpoint,
    answer: servingEndpoint,
    status: 201,
  }),
  getEndpoint: endpoint({
    method: "GET",
    path: "/endpoints/:endpoint",
    permission: "endpoint:read",
    scope: "project",
    summary: "One endpoint with its deployments and routes.",
    params: named,
    answer: servingEndpoint,
  }),
  updateEndpoint: endpoint({
    method: "PATCH",
    path: "/endpoints/:endpoint",
    permission: "endpoint:write",
    scope: "project",
    summary:
      "Describes an endpoint, gives it an example, or changes what answers for new entities; null takes the chain away.",
    params: named,
    body: z.strictObject({
      description: description.optional(),
      example: endpointExample.optional(),
      coldStart: coldStart.nullable().optional(),
    }),
    answer: servingEndpoint,
  }),
  deleteEndpoint: endpoint({
    method: "DELETE",
    path: "/endpoints/:endpoint",
    permission: "endpoint:delete",
    scope: "project",
    summary: "Ends an endpoint and its engines at once; its prediction log goes with it.",
    params: named,
    answer: z.object({}),
  }),
  deploy: endpoint({
    method: "POST",
    path: "/endpoints/:endpoint/deployments",
    permission: "endpoint:write",
    scope: "project",
    summary: "Starts a model version; once it answered its own example it takes its share of the traffic.",
    params: named,
    body: newDeployment,
    answer: deployment,
    status: 202,
  }),
  retireDeployment: endpoint({
    method: "DELETE",
    path: "/endpoints/:endpoint/deployments/:deployment",
    permission: "endpoint:write",
    scope: "project",
    summary: "Ends a deployment that has no traffic.",
    params: named.extend({ deployment: z.string().min(1).max(64) }),
    answer: z.object({}),
  }),
  setTraffic: endpoint({
    method: "PUT",
    path: "/endpoints/:endpoint/traffic",
    permission: "endpoint:write",
    scope: "project",
    summary: "Divides the traffic among deployments that are ready; the weights add up to 100.",
    params: named,
    body: z.strictObject({ routes: z.array(route).min(1).max(20) }),
    answer: servingEndpoint,
  }),
  rollBack: endpoint({
    method: "POST",
    path: "/endpoints/:endpoint/rollback",
    permission: "endpoint:write",
    scope: "project",
    summary: "Goes back to the routing before this one, or to a numbered revision.",
    params: named,
    body: z.strictObject({ revision: z.number().int().min(1).optional() }),
    answer: servingEndpoint,
  }),
  listRevisions: endpoint({
    method: "GET",
    path: "/endpoints/:endpoint/revisions",
    permission: "endpoint:read",
    scope: "project",
    summary: "Every routing that there was, newest first.",
    params: named,
    query: z.object(page),
    answer: pageOf(revision),
  }),
  predict: endpoint({
    method: "POST",
    path: "/endpoints/:endpoint/predict",
    permission: "endpoint:invoke",
    scope: "project",
    summary: "Predicts; the same as POST /serving/<endpoint>/predict.",
    params: named,
    body: predictRequest,
    answer: predictAnswer,
  }),
  sendFeedback: endpoint({
    method: "POST",
    path: "/endpoints/:endpoint/feedback",
    permission: "endpoint:invoke",
    scope: "project",
    summary: "Says what came true of predictions; all of them or, when one id is unknown, none.",
    params: named,
    body: z.strictObject({ feedback: z.array(feedback).min(1).max(10_000) }),
    answer: z.object({ accepted: z.number().int() }),
  }),
  listPredictions: endpoint({
    method: "GET",
    path: "/endpoints/:endpoint/predictions",
    permission: "endpoint:read",
    scope: "project",
    summary: "Logged predictions of the last days, newest first.",
    params: named,
    query: z.object({ ...page, pageSize: z.coerce.number().int().min(1).max(200).default(50) }),
    answer: pageOf(loggedPrediction),
  }),
  getPrediction: endpoint({
    method: "GET",
    path: "/endpoints/:endpoint/predictions/:prediction",
    permission: "endpoint:read",
    scope: "project",
    summary: "One logged prediction with its label, when there is one.",
    params: named.extend({ prediction: z.string().min(1).max(100) }),
    answer: loggedPrediction,
  }),
  listStats: endpoint({
    method: "GET",
    path: "/endpoint-stats",
    permission: "endpoint:read",
    scope: "project",
    summary: "Rates, errors and latencies of each endpoint that was asked in that time, of at most a day.",
    query: z.object({ ...range, buckets: z.coerce.number().int().min(1).max(100).default(30) }),
    answer: z.object({ stepMs: z.number().int(), items: z.array(endpointSummary) }),
  }),
  predictionOrigin: endpoint({
    method: "GET",
    path: "/endpoints/:endpoint/predictions/:prediction/origin",
    permission: "endpoint:read",
    scope: "project",
    summary:
      "What a prediction came of: deployment, model version, run, training set, dataset version, commit.",
    params: named.extend({ prediction: z.string().min(1).max(100) }),
    answer: predictionOrigin,
  }),
  endpointStats: endpoint({
    method: "GET",
    path: "/endpoints/:endpoint/stats",
    permission: "endpoint:read",
    scope: "project",
    summary: "Rates, errors and latencies by deployment, and who answered.",
    params: named,
    query: z.object({ ...range, buckets: z.coerce.number().int().min(1).max(500).default(60) }),
    answer: endpointStats,
  }),
  canaryVerdict: endpoint({
    method: "GET",
    path: "/endpoints/:endpoint/canary",
    permission: "endpoint:read",
    scope: "project",
    summary: "Whether the newest deployment does worse than the one with most traffic.",
    params: named,
    answer: canaryVerdict,
  }),
};
