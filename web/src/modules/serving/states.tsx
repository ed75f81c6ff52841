import type { DeploymentState, ServingEndpoint } from "@atrium/contract/serving";
import { seriesColour } from "../../lib/colours.ts";
import { Status } from "../../lib/words.tsx";

const ENDPOINT: Record<ServingEndpoint["state"], { status: string; word: string }> = {
  empty: { status: "queued", word: "Empty" },
  starting: { status: "running", word: "Starting" },
  ready: { status: "ready", word: "Ready" },
  degraded: { status: "failed", word: "Degraded" },
};

const DEPLOYMENT: Record<DeploymentState, { status: string; word: string }> = {
  pending: { status: "queued", word: "Waiting" },
  starting: { status: "running", word: "Starting" },
  ready: { status: "ready", word: "Ready" },
  failed: { status: "failed", word: "Failed" },
  draining: { status: "cancelled", word: "Draining" },
  retired: { status: "cancelled", word: "Ended" },
};

export function EndpointState({ state }: { state: ServingEndpoint["state"] }) {
  return <Status {...ENDPOINT[state]} />;
}

export function DeploymentStatus({ state }: { state: DeploymentState }) {
  return <Status {...DEPLOYMENT[state]} />;
}

/** One colour a deployment wherever it is drawn; numbers count from 1. */
export function deploymentColour(number: number | string): string {
  const at = Number(number) - 1;
  return seriesColour(Number.isInteger(at) && at >= 0 ? at : 9);
}

export function Dot({ number }: { number: number | string }) {
  return (
    <span
      aria-hidden
      className="inline-block size-2 shrink-0 rounded-full"
      style={{ background: deploymentColour(number) }}
    />
  );
}
