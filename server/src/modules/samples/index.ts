export type { Samples } from "./door.ts";
export { samplesRoutes } from "./routes.ts";
export { createSamples } from "./samples.ts";
