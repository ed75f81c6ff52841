/** Tags by which a run that was logged inside a pipeline's step says so. */
export const stepTags = { run: "atrium.pipelineRun", step: "atrium.pipelineStep" };

/**
 * Lets the unmodified client tag what a step logs, and put it into the pipeline run's experiment.
 * @remarks mlflow/tracking/context/system_environment_context.py reads MLFLOW_RUN_CONTEXT as a JSON object of tags.
 */
export function stepVariables(given: {
  runId: string;
  path: string;
  experimentId: string;
}): Readonly<Record<string, string>> {
  return {
    MLFLOW_RUN_CONTEXT: JSON.stringify({ [stepTags.run]: given.runId, [stepTags.step]: given.path }),
    MLFLOW_EXPERIMENT_ID: given.experimentId,
  };
}
