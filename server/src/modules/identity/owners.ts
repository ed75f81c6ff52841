import { AppError } from "#lib/errors";
import type { Tx } from "#ports/database";
import { activeOwners } from "./queries/users.ts";

/** Refuses to let the last one who may do everything go. @throws AppError `conflict` */
export async function keepAnOwner(tx: Tx, leavingUserId: string): Promise<void> {
  await tx.serialize("identity.owners");
  const owners = await activeOwners(tx, 2);
  if (owners.some((owner) => owner.id !== leavingUserId)) return;
  throw new AppError("conflict", "This is the last owner; make somebody else an owner first.");
}
