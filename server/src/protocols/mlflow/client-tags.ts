/**
 * Tags by which the mlflow client says what our modules have words of their own for; wiring hands them in.
 * @remarks Names: mlflow/utils/mlflow_tags.py, mlflow/prompt/constants.py
 */
export const clientTags = {
  runName: "mlflow.runName",
  parentRunId: "mlflow.parentRunId",
  gitCommit: "mlflow.source.git.commit",
  datasetContext: "mlflow.data.context",
  prompt: "mlflow.prompt.is_prompt",
  promptText: "mlflow.prompt.text",
  promptType: "_mlflow_prompt_type",
  registeredAs: "mlflow.modelVersions",
  program: "mlflow.source.name",
  commit: "mlflow.source.git.commit",
} as const;
