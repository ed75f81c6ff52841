import type { User } from "@atrium/contract/identity";
import { emailKey, searchText } from "./email.ts";
import type { UserRow } from "./tables.ts";

/** A user as it begins. */
export function makeUser(given: {
  id: string;
  email: string;
  displayName: string;
  passwordHash: string | null;
  nowMs: number;
}): UserRow {
  const email = given.email.trim();
  return {
    id: given.id,
    email,
    email_key: emailKey(email),
    display_name: given.displayName,
    search: searchText(email, given.displayName),
    state: "active",
    password_hash: given.passwordHash,
    created_ms: given.nowMs,
    last_sign_in_ms: null,
  };
}

/** What follows from another name or address. */
export function rename(
  user: UserRow,
  changes: { displayName?: string | undefined; email?: string | undefined },
): Partial<UserRow> {
  const email = changes.email?.trim() ?? user.email;
  const displayName = changes.displayName ?? user.display_name;
  return {
    email,
    email_key: emailKey(email),
    display_name: displayName,
    search: searchText(email, displayName),
  };
}

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    displayName: row.display_name,
    state: row.state,
    hasPassword: row.password_hash !== null,
    createdMs: row.created_ms,
    ...(row.last_sign_in_ms === null ? {} : { lastSignInMs: row.last_sign_in_ms }),
  };
}
