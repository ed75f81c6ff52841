import { choice, message, required, text } from "./decode.ts";

/** Tags and params look the same everywhere; an absent value is the empty text. */
export const keyValue = message({ key: required(text), value: text });

export const viewType = choice({ ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 });

export interface WireKeyValue {
  key: string;
  value: string;
}
