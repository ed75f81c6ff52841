import { type Expression, type SqlBool, sql } from "kysely";

/** What an asker may see of others: those with a grant in these places, and the named ones. */
export interface Seen {
  organisationIds: readonly string[];
  projectIds: readonly string[];
  ids: readonly string[];
}

/** Keeps the rows whose id is among the named, or holds a grant in a place of `seen`, itself or through a group. */
export function seenPrincipals(kind: "user" | "group", seen: Seen): Expression<SqlBool> {
  const inPlaces = sql<SqlBool>`(${among("organisation_id", seen.organisationIds)} or ${among("project_id", seen.projectIds)})`;
  const holders = (of: "user" | "group") =>
    sql`select principal_id from identity_grants where principal_kind = ${of} and ${inPlaces}`;
  const named = among("id", seen.ids);
  if (kind === "group") return sql<SqlBool>`(${named} or id in (${holders("group")}))`;
  const members = sql`select member_id from identity_members where group_id in (${holders("group")})`;
  return sql<SqlBool>`(${named} or id in (${holders("user")}) or id in (${members}))`;
}

/** Groups show themselves in their organisation too. */
export function seenGroups(seen: Seen): Expression<SqlBool> {
  return sql<SqlBool>`(${seenPrincipals("group", seen)} or ${among("organisation_id", seen.organisationIds)})`;
}

/** `column in (values)`; with no values nothing is in it, which SQL cannot say with a list. */
export function among(column: string, values: readonly string[]): Expression<SqlBool> {
  return values.length === 0
    ? sql<SqlBool>`1 = 0`
    : sql<SqlBool>`${sql.ref(column)} in (${sql.join([...values])})`;
}
