export type { Datasets, DatasetTable, DatasetVersionAt } from "./door.ts";
