import type { Grant } from "@atrium/contract/identity";
import type { Column } from "../../lib/table/column.ts";
import { Ago } from "../../lib/words.tsx";

/** Columns of the grants: who has what, where. `onRevoke` is absent where nobody may take a role away. */
export function grantColumns({
  roleName,
  placeOf,
  onRevoke,
}: {
  /** Roles by their id. */
  roleName: ReadonlyMap<string, string>;
  placeOf: (grant: Grant) => string;
  onRevoke: ((grant: Grant) => void) | undefined;
}): Column<Grant>[] {
  return [
    {
      id: "who",
      title: "Who",
      width: 240,
      fixed: "first",
      text: (grant) => grant.principal.name,
      cell: (grant) => (
        <>
          <span className="font-medium">{grant.principal.name}</span>{" "}
          <span className="text-ink-3">
            {grant.principal.kind === "user" ? "" : grant.principal.kind.replace("-", " ")}
          </span>
        </>
      ),
    },
    {
      id: "role",
      title: "Has",
      width: 150,
      usual: "shown",
      text: (grant) => roleName.get(grant.roleId),
      cell: (grant) => roleName.get(grant.roleId) ?? grant.roleId,
    },
    {
      id: "where",
      title: "Where",
      width: 260,
      usual: "shown",
      text: (grant) => placeOf(grant),
      cell: (grant) => placeOf(grant),
    },
    {
      id: "since",
      title: "Since",
      width: 120,
      usual: "shown",
      text: (grant) => grant.createdMs,
      cell: (grant) => <Ago at={grant.createdMs} />,
    },
    {
      id: "revoke",
      title: "",
      width: 110,
      ...(onRevoke ? { usual: "shown" as const } : {}),
      text: () => "",
      cell: (grant) => (
        <button type="button" className="link" onClick={() => onRevoke?.(grant)}>
          Take away
        </button>
      ),
    },
  ];
}
