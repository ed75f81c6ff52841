export type { Call, Described, Gateway, Served, Serving } from "./door.ts";
export { statusFor } from "./gateway.ts";
export { servingJobs } from "./jobs.ts";
export { servingRoutes } from "./routes.ts";
export { nest } from "./rows.ts";
export { createServing } from "./serving.ts";
export { decode, encode, flatten } from "./values.ts";
