import { AppError } from "#lib/errors";

/** Makes the errors of one place in a spec; `field` is what lies below it. */
export function refuser(place: string): (field: string, why: string) => AppError {
  return (field, why) => {
    const at = field === "" ? place : `${place}.${field}`;
    return new AppError("invalid", `The pipeline cannot run here; at ${at}: ${why}`, { at });
  };
}
