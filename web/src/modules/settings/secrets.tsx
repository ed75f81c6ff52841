import type { ProjectSecret } from "@atrium/contract/projects";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useApi } from "../../lib/api.ts";
import { ConfirmByTyping, Dialog } from "../../lib/dialog.tsx";
import { Field, FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { formatTime } from "../../lib/format.ts";
import { useFresh } from "../../lib/fresh.ts";
import { Panel } from "../../lib/panel.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { toast } from "../../lib/toast.tsx";
import { Ago } from "../../lib/words.tsx";
import { deleteSecret, listSecrets, setSecret } from "./settings-api.ts";

const READS = ["/project/secrets", "/quotas"];

/** Names of the project's secrets. A value goes in and never comes out again. */
export function Secrets({ project }: { project: string }) {
  const { can } = useSession();
  const { data, error, refetch } = useApi(listSecrets, { project });
  const fresh = useFresh(READS);
  const [over, setOver] = useState<"new" | { replace: string } | { remove: string } | undefined>();
  const writes = can("secret:write");
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  const actions = {
    replace: (name: string) => setOver({ replace: name }),
    remove: (name: string) => setOver({ remove: name }),
  };
  return (
    <Panel
      words="Programs of this project get them as environment variables. A value is sealed when it is set and never shown again."
      action={
        writes && (
          <button type="button" className="button button-primary" onClick={() => setOver("new")}>
            <Plus size={14} /> New secret
          </button>
        )
      }
    >
      <Table
        name="secrets"
        label="Secrets"
        rows={data.items}
        rowId={(secret) => secret.name}
        columns={secretColumns(writes ? actions : undefined)}
        empty={
          <EmptyState title="No secrets yet">
            Passwords and keys that jobs need belong here, not in code or parameters.
          </EmptyState>
        }
      />
      {over === "new" && <SecretDialog project={project} onClose={() => setOver(undefined)} />}
      {typeof over === "object" && "replace" in over && (
        <SecretDialog project={project} name={over.replace} onClose={() => setOver(undefined)} />
      )}
      {typeof over === "object" && "remove" in over && (
        <ConfirmByTyping
          title="Delete the secret"
          name={over.remove}
          verb="Delete"
          explains="Programs that ask for it no longer get it. Its value cannot be brought back."
          onConfirm={() => fresh(() => deleteSecret({ project, params: { name: over.remove } }))}
          onClose={() => setOver(undefined)}
        />
      )}
    </Panel>
  );
}

/** `actions` are absent for those who may not change a secret. */
function secretColumns(
  actions: { replace: (name: string) => void; remove: (name: string) => void } | undefined,
): Column<ProjectSecret>[] {
  return [
    {
      id: "name",
      title: "Name",
      width: 280,
      fixed: "first",
      text: (secret) => secret.name,
      cell: (secret) => <code className="font-medium">{secret.name}</code>,
    },
    {
      id: "updated",
      title: "Set",
      width: 120,
      usual: "shown",
      text: (secret) => formatTime(secret.updatedMs),
      cell: (secret) => <Ago at={secret.updatedMs} />,
    },
    {
      id: "by",
      title: "By",
      width: 160,
      usual: "shown",
      text: (secret) => secret.updatedBy,
      cell: (secret) => secret.updatedBy,
    },
    ...(actions
      ? [
          {
            id: "change",
            title: "",
            width: 140,
            usual: "shown" as const,
            text: () => "",
            cell: (secret: ProjectSecret) => (
              <span className="flex gap-3">
                <button
                  type="button"
                  className="link"
                  aria-label={`Replace ${secret.name}`}
                  onClick={() => actions.replace(secret.name)}
                >
                  Replace
                </button>
                <button
                  type="button"
                  className="link"
                  aria-label={`Delete ${secret.name}`}
                  onClick={() => actions.remove(secret.name)}
                >
                  Delete
                </button>
              </span>
            ),
          },
        ]
      : []),
  ];
}

function SecretDialog({ project, name, onClose }: { project: string; name?: string; onClose: () => void }) {
  const fresh = useFresh(READS);
  const [wanted, setWanted] = useState(name ?? "");
  const [value, setValue] = useState("");
  const form = useSubmit(async () => {
    await fresh(() => setSecret({ project, params: { name: wanted }, body: { value } }));
    toast(`${wanted} is set`);
    onClose();
  });
  return (
    <Dialog title={name ? `Replace ${name}` : "New secret"} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit} autoComplete="off">
        {!name && (
          <TextField
            label="Name"
            help="As an environment variable is named: letters, digits and _."
            pattern="[A-Za-z_][A-Za-z0-9_]{0,127}"
            placeholder="WAREHOUSE_PASSWORD"
            required
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
            error={form.errorAt("name")}
          />
        )}
        <Field label="Value" help="Up to 64 KiB. Nobody can read it back." error={form.errorAt("value")}>
          {(attributes) => (
            <textarea
              className="field mono"
              rows={3}
              required
              spellCheck={false}
              {...attributes}
              value={value}
              onChange={(event) => setValue(event.target.value)}
            />
          )}
        </Field>
        <FormError error={form.errorAt("name") || form.errorAt("value") ? undefined : form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy}>
          {name ? "Replace" : "Set the secret"}
        </button>
      </form>
    </Dialog>
  );
}
