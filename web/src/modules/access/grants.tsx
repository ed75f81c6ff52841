import type { Grant, PrincipalKind } from "@atrium/contract/identity";
import { Plus } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { useApi, usePages } from "../../lib/api.ts";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, SelectField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { Panel } from "../../lib/panel.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { toast } from "../../lib/toast.tsx";
import { Ago } from "../../lib/words.tsx";
import {
  createGrant,
  listGrants,
  listGroups,
  listRoles,
  listServiceAccounts,
  listUsers,
  revokeGrant,
} from "./access-api.ts";
import { parsePlace, placeChoices, placeName } from "./places.ts";

/** Who has which role where. */
export function Grants() {
  const session = useSession();
  const grants = usePages(listGrants, {});
  const { data: roles } = useApi(listRoles, {});
  const [over, setOver] = useState<"new" | undefined>();
  const fresh = useFresh(["/grants", "/me"]);
  const roleName = useMemo(() => new Map(roles?.items.map((role) => [role.id, role.name])), [roles]);
  const revoke = (grant: Grant) =>
    void fresh(async () => {
      await revokeGrant({ params: { grant: grant.id } });
      const { principal, roleId, place } = grant;
      toast(
        `${principal.name} no longer has ${roleName.get(roleId) ?? "the role"}`,
        () =>
          void fresh(() =>
            createGrant({ body: { principal: { kind: principal.kind, id: principal.id }, roleId, place } }),
          ).catch(() => undefined),
      );
    }).catch(() => undefined);
  const columns: Column<Grant>[] = [
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
      text: (grant) => placeName(grant.place, session),
      cell: (grant) => placeName(grant.place, session),
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
      ...(session.canSomewhere("grant:write") ? { usual: "shown" as const } : {}),
      text: () => "",
      cell: (grant) => (
        <button type="button" className="link" onClick={() => revoke(grant)}>
          Take away
        </button>
      ),
    },
  ];
  const { hasNextPage, fetchNextPage } = grants;
  const more = useCallback(() => {
    if (hasNextPage) void fetchNextPage();
  }, [hasNextPage, fetchNextPage]);
  if (grants.error) return <ErrorState error={grants.error} onRetry={() => void grants.refetch()} />;
  if (grants.isPending) return <Skeleton />;
  return (
    <Panel
      words="Who has which role where. A role holds in its place and in everything below it."
      action={
        session.canSomewhere("grant:write") && (
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
  const fresh = useFresh(["/grants", "/me"]);
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
