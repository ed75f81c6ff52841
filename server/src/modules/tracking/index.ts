export type { LoggedModel, LoggedModels, Run, Tracking } from "./door.ts";
