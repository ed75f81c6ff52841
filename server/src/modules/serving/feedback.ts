import type { Feedback } from "@atrium/contract/serving";
import type { Actor } from "#modules/identity";
import type { ServingDeps } from "./deps.ts";
import type { FeedbackDoor } from "./door.ts";
import { createGate, type EndpointAt } from "./gate.ts";
import * as logQueries from "./log-queries.ts";
import { idKeyOf, readPredictionId } from "./prediction-id.ts";
import { unknownPrediction } from "./predictions.ts";

/** What came true. An id proves by itself that the endpoint gave it, so labels may come before the log's own row. */
export function createFeedback(deps: ServingDeps): FeedbackDoor {
  const { db, clock, projects, audit } = deps;
  const gate = createGate(deps);
  return { send };

  async function send(actor: Actor, at: EndpointAt, given: readonly Feedback[]): Promise<number> {
    const endpoint = await gate.admit(actor, "endpoint:invoke", at);
    const key = idKeyOf(await projects.keys.keyOf(at.projectId));
    const receivedMs = clock.now();
    const rows = given.map(({ predictionId, label, atMs = receivedMs }) => {
      const predictedMs = readPredictionId(key, endpoint.id, predictionId);
      if (predictedMs === undefined) throw unknownPrediction(predictionId);
      return {
        endpoint_id: endpoint.id,
        prediction_id: predictionId,
        predicted_ms: predictedMs,
        at_ms: atMs,
        received_ms: receivedMs,
        label: JSON.stringify(label),
      };
    });
    const resource = { type: "endpoint", id: endpoint.id, name: endpoint.name };
    await audit.recordAccess(actor, { action: "endpoint.labelled", resource, projectId: at.projectId });
    await db.transaction(async (tx) => {
      for (const row of rows) await logQueries.saveLabel(tx, row);
    });
    return rows.length;
  }
}
