export type { Call, Described, Served, Serving } from "./door.ts";
export { statusFor } from "./gateway.ts";
export { servingJobs } from "./jobs.ts";
export { servingRoutes } from "./routes.ts";
export { createServing } from "./serving.ts";
export { decode, encode, flatten } from "./values.ts";
