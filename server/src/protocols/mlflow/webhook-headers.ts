/** What proves to a receiver who sends. @remarks Names: mlflow/webhooks/constants.py. */
export const webhookHeaders = {
  id: "x-mlflow-delivery-id",
  timestamp: "x-mlflow-timestamp",
  signature: "x-mlflow-signature",
} as const;
