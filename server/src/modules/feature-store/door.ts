/** Why a feature has the value it has. */
export type FeatureStatus = "present" | "null" | "missing" | "stale";

export type FeatureValue = string | number | boolean | null | readonly FeatureValue[];

/** One column of an answer: an item for each entity row. */
export interface FeatureColumn {
  /** `view:feature`, or `feature` alone where names are unique. */
  name: string;
  view: string;
  values: readonly FeatureValue[];
  statuses: readonly FeatureStatus[];
  /** When the value was true; null when there is none. */
  eventMs: readonly (number | null)[];
}

/** What a feature service needs to be asked for and answers with. */
export interface FeatureServiceShape {
  name: string;
  joinKeys: readonly { name: string; type: string }[];
  features: readonly { name: string; view: string; type: string; default: FeatureValue | undefined }[];
}

/** Reads that touch no database: definitions are held in memory and follow events. Permission is the caller's business. */
export interface OnlineFeatures {
  service(projectId: string, name: string): FeatureServiceShape | undefined;
  /**
   * One row of values for each row of keys. A stale or missing value is null here; defaults are the caller's choice.
   * @throws AppError `invalid` (a join key that is missing or of another type), `not_found` (no such service)
   */
  read(
    projectId: string,
    service: string,
    keys: readonly Readonly<Record<string, string | number>>[],
  ): Promise<readonly FeatureColumn[]>;
}
