import type { Invitation, User } from "@atrium/contract/identity";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { useApi, useMore, usePages } from "../../lib/api.ts";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, SelectField, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh, useUndoable } from "../../lib/fresh.ts";
import { Panel } from "../../lib/panel.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Table } from "../../lib/table/table.tsx";
import { Ago } from "../../lib/words.tsx";
import {
  createResetLink,
  invite,
  listInvitations,
  listRoles,
  listUsers,
  updateUser,
  withdrawInvitation,
} from "./access-api.ts";
import { peopleColumns } from "./people-columns.tsx";
import { parsePlace, placeChoices, placeName } from "./places.ts";
import { SecretOnce } from "./secret-once.tsx";

type Over = "invite" | { title: string; link: string } | undefined;

const READS = ["/users", "/invitations"];

/** Who may come in: people, and those who were asked but have not come yet. */
export function People() {
  const { canSomewhere } = useSession();
  const users = usePages(listUsers, {});
  const [over, setOver] = useState<Over>();
  const fresh = useFresh(READS);
  const undoable = useUndoable(READS);
  const setState = (user: User, state: User["state"]) =>
    void undoable({
      act: () => updateUser({ params: { user: user.id }, body: { state } }),
      said: `${user.displayName} is ${state}`,
      undo: () => updateUser({ params: { user: user.id }, body: { state: user.state } }),
    });
  const makeResetLink = (user: User) =>
    void fresh(async () => {
      const made = await createResetLink({ params: { user: user.id } });
      setOver({ title: `A new password for ${user.displayName}`, link: location.origin + made.path });
    }).catch(() => undefined);
  const columns = peopleColumns(canSomewhere("user:write") ? { setState, makeResetLink } : undefined);
  const more = useMore(users);
  if (users.error) return <ErrorState error={users.error} onRetry={() => void users.refetch()} />;
  if (users.isPending) return <Skeleton />;
  return (
    <Panel
      words="People you can see. What they may do comes from roles, given to them or to their groups."
      action={
        <button type="button" className="button button-primary" onClick={() => setOver("invite")}>
          <UserPlus size={14} /> Invite
        </button>
      }
    >
      <OpenInvitations
        onWithdraw={(one) =>
          void fresh(() => withdrawInvitation({ params: { invitation: one.id } })).catch(() => undefined)
        }
      />
      <Table
        name="people"
        label="People"
        rows={users.data.pages.flatMap((page) => page.items)}
        rowId={(user) => user.id}
        columns={columns}
        onEndReached={more}
        empty={<EmptyState title="Nobody yet" />}
      />
      {over === "invite" && (
        <Invite
          onClose={() => setOver(undefined)}
          onMade={(link) => {
            setOver({ title: "The invitation", link });
            void fresh(async () => undefined);
          }}
        />
      )}
      {over && typeof over === "object" && (
        <SecretOnce
          title={over.title}
          secret={over.link}
          explains="Send this link to that person; it works once and is not shown again."
          onClose={() => setOver(undefined)}
        />
      )}
    </Panel>
  );
}

function OpenInvitations({ onWithdraw }: { onWithdraw: (invitation: Invitation) => void }) {
  const session = useSession();
  const { data } = useApi(listInvitations, {});
  if (!data || data.items.length === 0) return null;
  return (
    <section aria-label="Open invitations" className="card mx-4 mb-3 shrink-0">
      <h2 className="border-line border-b px-3 py-2">Invited</h2>
      <ul>
        {data.items.map((one) => (
          <li
            key={one.id}
            className="flex flex-wrap items-center gap-x-3 border-line border-b px-3 py-1.5 last:border-0"
          >
            <span className="font-medium">{one.email}</span>
            <span className="text-ink-3">
              {one.grants.map((grant) => placeName(grant.place, session)).join(", ")}
            </span>
            <span className="ml-auto text-ink-3">
              open, ends <Ago at={one.expiresMs} />
            </span>
            <button type="button" className="link" onClick={() => onWithdraw(one)}>
              Withdraw
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Invite({ onClose, onMade }: { onClose: () => void; onMade: (link: string) => void }) {
  const session = useSession();
  const { data: roles } = useApi(listRoles, {});
  const [email, setEmail] = useState("");
  const [roleId, setRoleId] = useState("");
  const [place, setPlace] = useState(placeChoices(session, "without instance")[0]?.value ?? "instance:");
  const form = useSubmit(async () => {
    const made = await invite({
      body: { email, grants: roleId ? [{ roleId, place: parsePlace(place) }] : [] },
    });
    onMade(location.origin + made.path);
  });
  return (
    <Dialog title="Invite somebody" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="E-mail"
          type="email"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={form.errorAt("email")}
        />
        <SelectField
          label="Role"
          value={roleId}
          onChange={(event) => setRoleId(event.target.value)}
          options={[
            { value: "", title: "None yet" },
            ...(roles?.items ?? []).map((role) => ({ value: role.id, title: role.name })),
          ]}
        />
        {roleId && (
          <SelectField
            label="Where"
            value={place}
            onChange={(event) => setPlace(event.target.value)}
            options={placeChoices(
              session,
              session.can("instance:write") ? "with instance" : "without instance",
            )}
          />
        )}
        <FormError error={form.errorAt("email") ? undefined : form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy}>
          Make the invitation
        </button>
      </form>
    </Dialog>
  );
}
