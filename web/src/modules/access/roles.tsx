import { PERMISSIONS, type Permission } from "@atrium/contract/permissions";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useApi } from "../../lib/api.ts";
import { ConfirmByTyping, Dialog } from "../../lib/dialog.tsx";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { Panel } from "../../lib/panel.tsx";
import { useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { createRole, deleteRole, listRoles } from "./access-api.ts";

/** Permissions by the thing they are about: `run` → read, write, delete. */
function byThing(permissions: readonly Permission[]): Map<string, Permission[]> {
  const things = new Map<string, Permission[]>();
  for (const permission of permissions) {
    const thing = permission.split(":")[0] ?? "";
    things.set(thing, [...(things.get(thing) ?? []), permission]);
  }
  return things;
}

/** Sets of permissions, ours and your own. */
export function Roles() {
  const { canSomewhere } = useSession();
  const { data, error, refetch } = useApi(listRoles, {});
  const [over, setOver] = useState<"new" | { id: string; name: string } | undefined>();
  const fresh = useFresh(["/roles"]);
  const manages = canSomewhere("role:write");
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  return (
    <Panel
      words="A role is a set of permissions. Nobody can give a role that holds more than they hold themselves."
      action={
        manages && (
          <button type="button" className="button button-primary" onClick={() => setOver("new")}>
            <Plus size={14} /> New role
          </button>
        )
      }
    >
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,340px),1fr))] items-start gap-3 px-4 pb-4">
        {data.items.map((role) => (
          <details key={role.id} className="card">
            <summary className="flex items-center gap-2 px-3 py-2">
              <span className="font-medium">{role.name}</span>
              {role.builtIn && <span className="text-ink-3 text-xs">built in</span>}
              <span className="nums ml-auto text-ink-3 text-xs">{role.permissions.length} permissions</span>
            </summary>
            <div className="flex flex-col gap-2 border-line border-t px-3 py-2">
              {role.description && <p className="text-ink-2">{role.description}</p>}
              <dl className="grid grid-cols-[max-content_1fr] gap-x-3 text-xs">
                {[...byThing(role.permissions)].map(([thing, permissions]) => (
                  <div key={thing} className="contents">
                    <dt className="text-ink-3">{thing}</dt>
                    <dd>{permissions.map((permission) => permission.split(":")[1]).join(", ")}</dd>
                  </div>
                ))}
              </dl>
              {manages && !role.builtIn && (
                <button
                  type="button"
                  className="button button-danger self-start"
                  onClick={() => setOver(role)}
                >
                  Delete
                </button>
              )}
            </div>
          </details>
        ))}
      </div>
      {over === "new" && <NewRole onClose={() => setOver(undefined)} />}
      {over && over !== "new" && (
        <ConfirmByTyping
          title="Delete the role"
          name={over.name}
          verb="Delete"
          explains="Only a role that nobody has can be deleted."
          onConfirm={() => fresh(() => deleteRole({ params: { role: over.id } }))}
          onClose={() => setOver(undefined)}
        />
      )}
    </Panel>
  );
}

function NewRole({ onClose }: { onClose: () => void }) {
  const { canSomewhere } = useSession();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<Permission>>(new Set());
  const fresh = useFresh(["/roles"]);
  const form = useSubmit(async () => {
    await createRole({ body: { name, permissions: [...chosen] } });
    await fresh(async () => undefined);
    onClose();
  });
  const toggle = (permission: Permission) => {
    const next = new Set(chosen);
    if (!next.delete(permission)) next.add(permission);
    setChosen(next);
  };
  return (
    <Dialog title="New role" wide="wide" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="Name"
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={form.errorAt("name")}
        />
        <div className="grid gap-3 sm:grid-cols-3">
          {[...byThing(PERMISSIONS)].map(([thing, permissions]) => (
            <fieldset key={thing}>
              <legend className="text-ink-3 text-xs">{thing}</legend>
              {permissions.map((permission) => (
                <label key={permission} className="flex items-center gap-2">
                  <input
                    type="checkbox"
                    className="accent-(--accent)"
                    checked={chosen.has(permission)}
                    disabled={!canSomewhere(permission)}
                    onChange={() => toggle(permission)}
                  />
                  {permission.split(":")[1]}
                </label>
              ))}
            </fieldset>
          ))}
        </div>
        <FormError error={form.errorAt("name") ? undefined : form.error} />
        <button
          type="submit"
          className="button button-primary self-end"
          disabled={form.busy || chosen.size === 0}
        >
          Make the role
        </button>
      </form>
    </Dialog>
  );
}
