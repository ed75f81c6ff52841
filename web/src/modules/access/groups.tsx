import type { Group } from "@atrium/contract/identity";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useApi, usePages } from "../../lib/api.ts";
import { ConfirmByTyping, Dialog } from "../../lib/dialog.tsx";
import { FormError, SelectField, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { Panel } from "../../lib/panel.tsx";
import { Peek } from "../../lib/peek.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago } from "../../lib/words.tsx";
import {
  addMember,
  createGroup,
  deleteGroup,
  listGroups,
  listMembers,
  listServiceAccounts,
  listUsers,
  removeMember,
} from "./access-api.ts";

const COLUMNS: Column<Group>[] = [
  {
    id: "name",
    title: "Group",
    width: 240,
    fixed: "first",
    text: (group) => group.name,
    cell: (group) => <span className="font-medium">{group.name}</span>,
  },
  {
    id: "description",
    title: "What for",
    width: 360,
    usual: "shown",
    text: (group) => group.description,
    cell: (group) => group.description,
  },
  {
    id: "created",
    title: "Made",
    width: 120,
    usual: "shown",
    text: (group) => group.createdMs,
    cell: (group) => <Ago at={group.createdMs} />,
  },
];

/** Teams: what a group is given, all its members have. */
export function Groups() {
  const { canSomewhere } = useSession();
  const [url, setUrl] = useUrl();
  const [over, setOver] = useState<"new" | undefined>();
  const groups = usePages(listGroups, {});
  if (groups.error) return <ErrorState error={groups.error} onRetry={() => void groups.refetch()} />;
  if (groups.isPending) return <Skeleton />;
  const rows = groups.data.pages.flatMap((page) => page.items);
  const open = rows.find((group) => group.id === url.peek);
  return (
    <Panel
      words="A group is a team: what it is given, all its members have."
      action={
        canSomewhere("group:write") && (
          <button type="button" className="button button-primary" onClick={() => setOver("new")}>
            <Plus size={14} /> New group
          </button>
        )
      }
    >
      <Table
        name="groups"
        label="Groups"
        rows={rows}
        rowId={(group) => group.id}
        columns={COLUMNS}
        active={url.peek}
        onActivate={(group) => setUrl({ peek: group.id })}
        empty={
          <EmptyState title="No groups yet">
            Put people together, then give the group a role in a project.
          </EmptyState>
        }
      />
      {over === "new" && <NewGroup onClose={() => setOver(undefined)} />}
      {open && (
        <Peek title={open.name} onClose={() => setUrl({ peek: undefined })}>
          <Members key={open.id} group={open} onDeleted={() => setUrl({ peek: undefined })} />
        </Peek>
      )}
    </Panel>
  );
}

function NewGroup({ onClose }: { onClose: () => void }) {
  const { project } = useSession();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const fresh = useFresh(["/groups"]);
  const form = useSubmit(async () => {
    await createGroup({ project, body: { name, description } });
    await fresh(async () => undefined);
    onClose();
  });
  return (
    <Dialog title="New group" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="Name"
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={form.errorAt("name")}
        />
        <TextField
          label="What for"
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        <FormError error={form.errorAt("name") ? undefined : form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy}>
          Make the group
        </button>
      </form>
    </Dialog>
  );
}

function Members({ group, onDeleted }: { group: Group; onDeleted: () => void }) {
  const { canSomewhere } = useSession();
  const manages = canSomewhere("group:write");
  const fresh = useFresh(["/groups"]);
  const [confirming, setConfirming] = useState<"yes" | "no">("no");
  const { data, error, refetch } = useApi(listMembers, { params: { group: group.id } });
  const remove = (member: string) =>
    void fresh(() => removeMember({ params: { group: group.id, member } })).catch(() => undefined);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <div className="flex flex-col gap-4 p-4">
      {group.description && <p className="text-ink-2">{group.description}</p>}
      {data?.items.length === 0 && <p className="text-ink-3">No members yet.</p>}
      <ul>
        {data?.items.map((member) => (
          <li key={member.id} className="flex h-8 items-center gap-3 border-line border-b">
            <span className="font-medium">{member.name}</span>
            <span className="text-ink-3">{member.kind === "user" ? "" : "service account"}</span>
            {manages && (
              <button
                type="button"
                className="ml-auto text-ink-3 hover:text-ink"
                aria-label={`Take ${member.name} out`}
                onClick={() => remove(member.id)}
              >
                <X size={14} />
              </button>
            )}
          </li>
        ))}
      </ul>
      {manages && <AddMember group={group} />}
      {manages && (
        <button
          type="button"
          className="button button-danger self-start"
          onClick={() => setConfirming("yes")}
        >
          Delete the group
        </button>
      )}
      {confirming === "yes" && (
        <ConfirmByTyping
          title="Delete the group"
          name={group.name}
          verb="Delete"
          explains="Its members lose what only this group gave them."
          onConfirm={() => fresh(() => deleteGroup({ params: { group: group.id } })).then(onDeleted)}
          onClose={() => setConfirming("no")}
        />
      )}
    </div>
  );
}

function AddMember({ group }: { group: Group }) {
  const [choice, setChoice] = useState("");
  const fresh = useFresh(["/groups"]);
  const { data: users } = useApi(listUsers, { query: { pageSize: 500 } });
  const { data: accounts } = useApi(listServiceAccounts, { query: { pageSize: 500 } });
  const form = useSubmit(async () => {
    const [kind, id = ""] = choice.split(":");
    await addMember({
      params: { group: group.id },
      body: { kind: kind === "user" ? "user" : "service-account", id },
    });
    await fresh(async () => undefined);
    setChoice("");
  });
  const options = [
    { value: "", title: "Choose somebody" },
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
    <form className="flex items-end gap-2" onSubmit={form.onSubmit}>
      <div className="flex-1">
        <SelectField
          label="Add a member"
          value={choice}
          onChange={(event) => setChoice(event.target.value)}
          options={options}
        />
      </div>
      <button type="submit" className="button !h-8" disabled={!choice || form.busy}>
        Add
      </button>
    </form>
  );
}
