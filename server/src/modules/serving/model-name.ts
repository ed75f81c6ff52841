import { AppError } from "#lib/errors";

export type ModelAddress = { name: string } & ({ version: number } | { alias: string });

/** Reads `models:/NAME/VERSION` or `models:/NAME@ALIAS`. @throws AppError `invalid` */
export function readModelAddress(text: string): ModelAddress {
  const rest = text.startsWith("models:/") ? text.slice("models:/".length) : undefined;
  const at = rest?.lastIndexOf("@") ?? -1;
  if (rest !== undefined && at > 0 && at < rest.length - 1)
    return { name: rest.slice(0, at), alias: rest.slice(at + 1) };
  const slash = rest?.lastIndexOf("/") ?? -1;
  const digits = rest?.slice(slash + 1) ?? "";
  if (rest !== undefined && slash > 0 && /^[1-9]\d{0,14}$/.test(digits))
    return { name: rest.slice(0, slash), version: Number(digits) };
  throw new AppError("invalid", "Name the model as models:/NAME/VERSION or models:/NAME@ALIAS.", {
    at: "body.model",
  });
}
