import type { Token } from "@atrium/contract/identity";
import type { Column } from "../../lib/table/column.ts";
import { Ago } from "../../lib/words.tsx";

/** Columns of somebody's tokens; one that is revoked stays in the list and can do nothing. */
export function tokenColumns(onRevoke: (token: Token) => void): Column<Token>[] {
  return [
    {
      id: "name",
      title: "Token",
      width: 220,
      fixed: "first",
      text: (token) => token.name,
      cell: (token) => (
        <span className={token.revokedMs ? "text-ink-3 line-through" : "font-medium"}>{token.name}</span>
      ),
    },
    {
      id: "prefix",
      title: "Begins with",
      width: 160,
      usual: "shown",
      text: (token) => token.prefix,
      cell: (token) => <code>{token.prefix}…</code>,
    },
    {
      id: "used",
      title: "Last used",
      width: 120,
      usual: "shown",
      text: (token) => token.lastUsedMs,
      cell: (token) =>
        token.lastUsedMs ? <Ago at={token.lastUsedMs} /> : <span className="text-ink-3">never</span>,
    },
    {
      id: "expires",
      title: "Expires",
      width: 120,
      usual: "shown",
      text: (token) => token.expiresMs,
      cell: (token) =>
        token.revokedMs ? (
          <span className="text-bad">revoked</span>
        ) : token.expiresMs ? (
          <Ago at={token.expiresMs} />
        ) : (
          "never"
        ),
    },
    {
      id: "scopes",
      title: "May do",
      width: 180,
      usual: "shown",
      text: (token) => token.scopes?.join(" "),
      cell: (token) =>
        token.scopes ? (
          <span title={token.scopes.join("\n")}>{token.scopes.length} permissions</span>
        ) : (
          "all its owner may"
        ),
    },
    {
      id: "revoke",
      title: "",
      width: 90,
      usual: "shown",
      text: () => "",
      cell: (token) =>
        token.revokedMs ? null : (
          <button type="button" className="link" onClick={() => onRevoke(token)}>
            Revoke
          </button>
        ),
    },
  ];
}
