import type { ClientVariables } from "#modules/compute";

/** How the mlflow client of a job finds this server. https://mlflow.org/docs/latest/api_reference/python_api/mlflow.environment_variables.html */
export const clientVariables: ClientVariables = ({ url, token }) => ({
  MLFLOW_TRACKING_URI: url,
  MLFLOW_TRACKING_TOKEN: token,
  // Where OpenTelemetry has an endpoint the client would send its traces there, and no longer to its own server.
  MLFLOW_ENABLE_OTLP_EXPORTER: "false",
});
