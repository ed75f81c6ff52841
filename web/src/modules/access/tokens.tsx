import type { Token } from "@atrium/contract/identity";
import { Plus } from "lucide-react";
import { useState } from "react";
import { usePages } from "../../lib/api.ts";
import { ConfirmByTyping, Dialog } from "../../lib/dialog.tsx";
import { FormError, SelectField, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { Panel } from "../../lib/panel.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Table } from "../../lib/table/table.tsx";
import { createServiceAccountToken, createToken, listTokens, revokeToken } from "./access-api.ts";
import { SecretOnce } from "./secret-once.tsx";
import { tokenColumns } from "./token-columns.tsx";

/** My tokens, or a service account's. The secret is shown once, when it is made. */
export function Tokens({ account }: { account?: { id: string; name: string } }) {
  const pages = usePages(listTokens, { query: { owner: account?.id ?? "me" } });
  const [over, setOver] = useState<"new" | Token | { secret: string } | undefined>();
  const fresh = useFresh(["/tokens"]);
  const rows = pages.data?.pages.flatMap((page) => page.items) ?? [];
  if (pages.error) return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  if (pages.isPending) return <Skeleton />;
  return (
    <Panel
      words={
        account
          ? `Tokens of ${account.name}.`
          : "A token is how a program is you: the mlflow client, the CLI, a notebook. It can never do more than you may."
      }
      action={
        <button type="button" className="button button-primary" onClick={() => setOver("new")}>
          <Plus size={14} /> New token
        </button>
      }
    >
      <Table
        name="tokens"
        label="Tokens"
        rows={rows}
        rowId={(token) => token.id}
        columns={tokenColumns(setOver)}
        empty={
          <EmptyState title="No tokens yet" command={"export MLFLOW_TRACKING_TOKEN=…"}>
            Make one and give it to your client.
          </EmptyState>
        }
      />
      {over === "new" && (
        <NewToken
          account={account}
          onClose={() => setOver(undefined)}
          onMade={(secret) => {
            setOver({ secret });
            void pages.refetch();
          }}
        />
      )}
      {over && typeof over === "object" && "secret" in over && (
        <SecretOnce
          title="Your new token"
          secret={over.secret}
          explains="Copy it now; it is not kept and cannot be shown again."
          onClose={() => setOver(undefined)}
        />
      )}
      {over && typeof over === "object" && "prefix" in over && (
        <ConfirmByTyping
          title="Revoke the token"
          name={over.name}
          verb="Revoke"
          explains="Whatever uses it is refused at once. This cannot be undone."
          onConfirm={() => fresh(() => revokeToken({ params: { token: over.id } }))}
          onClose={() => setOver(undefined)}
        />
      )}
    </Panel>
  );
}

const DAY_MS = 86_400_000;
const LIVES = [
  { value: "7", title: "A week" },
  { value: "30", title: "A month" },
  { value: "90", title: "Three months" },
  { value: "365", title: "A year" },
];

function NewToken({
  account,
  onClose,
  onMade,
}: {
  account: { id: string } | undefined;
  onClose: () => void;
  onMade: (secret: string) => void;
}) {
  const { projects, project } = useSession();
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [where, setWhere] = useState(projects.find((one) => one.slug === project)?.id ?? "");
  const form = useSubmit(async () => {
    const body = {
      name,
      expiresMs: Date.now() + Number(days) * DAY_MS,
      ...(where ? { projectId: where } : {}),
    };
    const made = account
      ? await createServiceAccountToken({ params: { account: account.id }, body })
      : await createToken({ body });
    onMade(made.secret);
  });
  return (
    <Dialog title="New token" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="What is it for?"
          placeholder="Training on my laptop"
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={form.errorAt("name")}
        />
        <SelectField
          label="Where it works"
          value={where}
          onChange={(event) => setWhere(event.target.value)}
          options={[
            ...projects.map((one) => ({ value: one.id, title: `Only in ${one.name}` })),
            { value: "", title: "Everywhere its owner may" },
          ]}
        />
        <SelectField
          label="How long it works"
          value={days}
          onChange={(event) => setDays(event.target.value)}
          options={LIVES}
        />
        <FormError error={form.errorAt("name") ? undefined : form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy}>
          Make the token
        </button>
      </form>
    </Dialog>
  );
}
