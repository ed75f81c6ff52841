import type { PipelineRunState, StepState } from "@atrium/contract/pipelines";
import { Status } from "../../lib/words.tsx";
import { STEP_LOOKS } from "./step-words.ts";

export function StepStatus({ state }: { state: StepState }) {
  const { status, word } = STEP_LOOKS[state];
  return <Status status={status} word={word} />;
}

export function RunStatus({ state }: { state: PipelineRunState }) {
  return state === "cancelling" ? <Status status="running" word="Cancelling" /> : <Status status={state} />;
}
