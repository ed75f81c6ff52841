export { createSamplePlace } from "./account.ts";
export { createCaller } from "./caller.ts";
export type { Samples } from "./door.ts";
export { flightsSteps } from "./flights/steps.ts";
export { createInbox } from "./inbox.ts";
export { samplesRoutes } from "./routes.ts";
export { createSamples } from "./samples.ts";
