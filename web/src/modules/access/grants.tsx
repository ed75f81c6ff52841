import type { Grant, PrincipalKind } from "@atrium/contract/identity";
import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useApi, useMore, usePages } from "../../lib/api.ts";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, SelectField, useSubmit } from "../../lib/form.tsx";
import { useFresh, useUndoable } from "../../lib/fresh.ts";
import { Panel } from "../../lib/panel.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Table } from "../../lib/table/table.tsx";
import {
  createGrant,
  listGrants,
  listGroups,
  listRoles,
  listServiceAccounts,
  listUsers,
  revokeGrant,
} from "./access-api.ts";
import { grantColumns } from "./grant-columns.tsx";
import { parsePlace, placeChoices, placeName } from "./places.ts";

const READS = ["/grants", "/me"];

/** Who has which role where. */
export function Grants() {
  const session = useSession();
  const grants = usePages(listGrants, {});
  const { data: roles } = useApi(listRoles, {});
  const [over, setOver] = useState<"new" | undefined>();
  const undoable = useUndoable(READS);
  const roleName = useMemo(() => new Map(roles?.items.map((role) => [role.id, role.name])), [roles]);
  const revoke = (grant: Grant) => {
    const { principal, roleId, place } = grant;
    const body = { principal: { kind: principal.kind, id: principal.id }, roleId, place };
    void undoable({
      act: () => revokeGrant({ params: { grant: grant.id } }),
      said: `${principal.name} no longer has ${roleName.get(roleId) ?? "the role"}`,
      undo: () => createGrant({ body }),
    });
  };
  const gives = session.canSomewhere("grant:write");
  const columns = grantColumns({
    roleName,
    placeOf: (grant) => placeName(grant.place, session),
    onRevoke: gives ? revoke : undefined,
  });
  const more = useMore(grants);
  if (grants.error) return <ErrorState error={grants.error} onRetry={() => void grants.refetch()} />;
  if (grants.isPending) return <Skeleton />;
  return (
    <Panel
      words="Who has which role where. A role holds in its place and in everything below it."
      action={
        gives && (
          <button type="button" className="button button-primary" onClick={() => setOver("new")}>
            <Plus size={14} /> Give a role
          </button>
        )
      }
    >
      <Table
        name="grants"
        label="Grants"
        rows={grants.data.pages.flatMap((page) => page.items)}
        rowId={(grant) => grant.id}
        columns={columns}
        onEndReached={more}
        empty={<EmptyState title="Nobody has a role here" />}
      />
      {over === "new" && <GiveRole onClose={() => setOver(undefined)} />}
    </Panel>
  );
}

const ALL = { query: { pageSize: 500 } };

function GiveRole({ onClose }: { onClose: () => void }) {
  const session = useSession();
  const { data: users } = useApi(listUsers, ALL);
  const { data: groups } = useApi(listGroups, ALL);
  const { data: accounts } = useApi(listServiceAccounts, ALL);
  const { data: roles } = useApi(listRoles, {});
  const [who, setWho] = useState("");
  const [roleId, setRoleId] = useState("");
  const [place, setPlace] = useState(placeChoices(session, "without instance")[0]?.value ?? "");
  const fresh = useFresh(READS);
  const form = useSubmit(async () => {
    const [kind, id = ""] = who.split(":");
    const principal = { kind: kind as PrincipalKind, id };
    await createGrant({ body: { principal, roleId, place: parsePlace(place) } });
    await fresh(async () => undefined);
    onClose();
  });
  const people = [
    { value: "", title: "Choose" },
    ...(groups?.items ?? []).map((group) => ({ value: `group:${group.id}`, title: `${group.name} (group)` })),
    ...(users?.items ?? []).map((user) => ({
      value: `user:${user.id}`,
      title: `${user.displayName} (${user.email})`,
    })),
    ...(accounts?.items ?? []).map((account) => ({
      value: `service-account:${account.id}`,
      title: `${account.name} (service account)`,
    })),
  ];
  return (
    <Dialog title="Give a role" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <SelectField
          label="To"
          required
          value={who}
          onChange={(event) => setWho(event.target.value)}
          options={people}
        />
        <SelectField
          label="Role"
          required
          value={roleId}
          onChange={(event) => setRoleId(event.target.value)}
          options={[
            { value: "", title: "Choose" },
            ...(roles?.items ?? []).map((role) => ({ value: role.id, title: role.name })),
          ]}
        />
        <SelectField
          label="Where"
          value={place}
          onChange={(event) => setPlace(event.target.value)}
          options={placeChoices(
            session,
            session.can("instance:write") ? "with instance" : "without instance",
          )}
        />
        <FormError error={form.error} />
        <button
          type="submit"
          className="button button-primary self-end"
          disabled={form.busy || !who || !roleId}
        >
          Give it
        </button>
      </form>
    </Dialog>
  );
}
