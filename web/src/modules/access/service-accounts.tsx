import type { ServiceAccount } from "@atrium/contract/identity";
import { Plus } from "lucide-react";
import { useState } from "react";
import { usePages } from "../../lib/api.ts";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, SelectField, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { Panel } from "../../lib/panel.tsx";
import { Peek } from "../../lib/peek.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { toast } from "../../lib/toast.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago } from "../../lib/words.tsx";
import { createServiceAccount, listServiceAccounts, updateServiceAccount } from "./access-api.ts";
import { Tokens } from "./tokens.tsx";

const COLUMNS: Column<ServiceAccount>[] = [
  {
    id: "name",
    title: "Service account",
    width: 220,
    fixed: "first",
    text: (account) => account.name,
    cell: (account) => <span className="font-medium">{account.name}</span>,
  },
  {
    id: "description",
    title: "What for",
    width: 320,
    usual: "shown",
    text: (account) => account.description,
    cell: (account) => account.description,
  },
  {
    id: "state",
    title: "State",
    width: 110,
    usual: "shown",
    text: (account) => account.state,
    cell: (account) => (
      <span className={account.state === "active" ? "text-good" : "text-warn"}>
        {account.state === "active" ? "Active" : "Suspended"}
      </span>
    ),
  },
  {
    id: "created",
    title: "Made",
    width: 120,
    usual: "shown",
    text: (account) => account.createdMs,
    cell: (account) => <Ago at={account.createdMs} />,
  },
];

/** Programs with an identity of their own, so that nobody's leaving stops them. */
export function ServiceAccounts() {
  const { canSomewhere } = useSession();
  const [url, setUrl] = useUrl();
  const [over, setOver] = useState<"new" | undefined>();
  const accounts = usePages(listServiceAccounts, {});
  const fresh = useFresh(["/service-accounts"]);
  if (accounts.error) return <ErrorState error={accounts.error} onRetry={() => void accounts.refetch()} />;
  if (accounts.isPending) return <Skeleton />;
  const rows = accounts.data.pages.flatMap((page) => page.items);
  const open = rows.find((account) => account.id === url.peek);
  const setState = (account: ServiceAccount, state: ServiceAccount["state"]) =>
    void fresh(async () => {
      await updateServiceAccount({ params: { account: account.id }, body: { state } });
      toast(
        `${account.name} is ${state}`,
        () =>
          void fresh(() =>
            updateServiceAccount({ params: { account: account.id }, body: { state: account.state } }),
          ).catch(() => undefined),
      );
    }).catch(() => undefined);
  return (
    <Panel
      words="A service account is a program's own identity: a schedule, a CI job, a serving host. It goes on when people leave."
      action={
        canSomewhere("service-account:write") && (
          <button type="button" className="button button-primary" onClick={() => setOver("new")}>
            <Plus size={14} /> New service account
          </button>
        )
      }
    >
      <Table
        name="service-accounts"
        label="Service accounts"
        rows={rows}
        rowId={(account) => account.id}
        columns={COLUMNS}
        active={url.peek}
        onActivate={(account) => setUrl({ peek: account.id })}
        empty={
          <EmptyState title="No service accounts yet">
            Make one for your CI, give it a role, then a token.
          </EmptyState>
        }
      />
      {over === "new" && <NewServiceAccount onClose={() => setOver(undefined)} />}
      {open && (
        <Peek title={open.name} onClose={() => setUrl({ peek: undefined })}>
          <div className="flex min-h-full flex-col">
            <div className="px-4 pt-4">
              <button
                type="button"
                className="button"
                onClick={() => setState(open, open.state === "active" ? "suspended" : "active")}
              >
                {open.state === "active" ? "Suspend" : "Let in again"}
              </button>
            </div>
            <Tokens account={open} />
          </div>
        </Peek>
      )}
    </Panel>
  );
}

function NewServiceAccount({ onClose }: { onClose: () => void }) {
  const { project } = useSession();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [owner, setOwner] = useState<"project" | "organisation">("project");
  const fresh = useFresh(["/service-accounts"]);
  const form = useSubmit(async () => {
    await createServiceAccount({ project, body: { name, description, owner } });
    await fresh(async () => undefined);
    onClose();
  });
  return (
    <Dialog title="New service account" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="Name"
          required
          placeholder="nightly-training"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={form.errorAt("name")}
        />
        <TextField
          label="What for"
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        <SelectField
          label="Belongs to"
          value={owner}
          onChange={(event) => setOwner(event.target.value === "organisation" ? "organisation" : "project")}
          options={[
            { value: "project", title: "This project" },
            { value: "organisation", title: "Its organisation" },
          ]}
        />
        <FormError error={form.errorAt("name") ? undefined : form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy}>
          Make it
        </button>
      </form>
    </Dialog>
  );
}
