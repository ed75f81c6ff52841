import type { ModelVersion, RegisteredModel } from "@atrium/contract/registry";
import { AtSign, Tag } from "lucide-react";
import { useState } from "react";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { Link } from "../../lib/link.tsx";
import { Menu, type MenuItem } from "../../lib/menu.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { useModelActions } from "./use-model-actions.ts";

/** An alias as the label it is: a name that points at one version. */
export function AliasLabel({ alias }: { alias: string }) {
  return (
    <span
      className="inline-flex max-w-40 items-center gap-0.5 rounded border border-line-strong bg-accent-soft px-1.5 font-medium text-accent text-xs leading-[18px]"
      title={`@${alias}`}
    >
      <AtSign size={12} className="shrink-0" aria-hidden />
      <span className="truncate">{alias}</span>
    </span>
  );
}

export function AliasLabels({ aliases }: { aliases: readonly string[] }) {
  return (
    <span className="flex min-w-0 gap-1 overflow-hidden">
      {[...aliases].sort().map((alias) => (
        <AliasLabel key={alias} alias={alias} />
      ))}
    </span>
  );
}

/** Puts an alias on a version: one that exists moves here at once, with undo; a new one asks for its name. */
export function AliasMenu({
  project,
  model,
  version,
  looks = "icon",
}: {
  project: string;
  model: RegisteredModel;
  version: ModelVersion;
  looks?: "icon" | "button";
}) {
  const { can } = useSession();
  const actions = useModelActions(project);
  const [naming, setNaming] = useState<"open" | "closed">("closed");
  if (!can("model:promote")) return null;
  const elsewhere = Object.entries(model.aliases).filter(([, at]) => at !== version.version);
  const here = Object.entries(model.aliases).filter(([, at]) => at === version.version);
  const items: (MenuItem | "line")[] = [
    ...elsewhere.map(([alias, at]) => ({
      title: (
        <>
          Move <strong>@{alias}</strong> here <span className="text-ink-3">from v{at}</span>
        </>
      ),
      run: () => void actions.moveAlias(model.name, alias, { version: version.version, before: at }),
    })),
    { title: "New alias here…", run: () => setNaming("open") },
    ...(here.length > 0 ? (["line"] as const) : []),
    ...here.map(([alias, at]) => ({
      title: (
        <>
          Take <strong>@{alias}</strong> away
        </>
      ),
      run: () => void actions.moveAlias(model.name, alias, { before: at }),
    })),
  ];
  return (
    <>
      <Menu
        label={`Aliases of version ${version.version}`}
        items={items}
        trigger={
          looks === "button" ? (
            <button type="button" className="button button-primary">
              <Tag size={14} /> Set alias
            </button>
          ) : (
            <button
              type="button"
              className="shrink-0 rounded p-1 text-ink-3 hover:bg-hover hover:text-ink"
              aria-label={`Set an alias on version ${version.version}`}
              title="Set an alias"
            >
              <Tag size={14} />
            </button>
          )
        }
      />
      {naming === "open" && (
        <NewAlias
          model={model}
          version={version.version}
          onName={(alias) =>
            actions.moveAlias(model.name, alias, { version: version.version, before: model.aliases[alias] })
          }
          onClose={() => setNaming("closed")}
        />
      )}
    </>
  );
}

function NewAlias({
  model,
  version,
  onName,
  onClose,
}: {
  model: RegisteredModel;
  version: number;
  onName: (alias: string) => Promise<"done" | "failed">;
  onClose: () => void;
}) {
  const [alias, setAlias] = useState("");
  const form = useSubmit(async () => {
    if ((await onName(alias.trim())) === "done") onClose();
  });
  const taken = model.aliases[alias.trim()];
  return (
    <Dialog title={`New alias for version ${version}`} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="Alias"
          placeholder="champion"
          required
          maxLength={255}
          value={alias}
          onChange={(event) => setAlias(event.target.value)}
          help={
            taken === undefined
              ? `Clients load it as models:/${model.name}@${alias.trim() || "champion"}`
              : `It points at version ${taken} now and will move here.`
          }
        />
        <FormError error={form.error} />
        <button
          type="submit"
          className="button button-primary self-end"
          disabled={form.busy || !alias.trim()}
        >
          Set alias
        </button>
      </form>
    </Dialog>
  );
}

/** All aliases of a model, each with the version it points at and a menu that moves it. */
export function AliasCard({
  project,
  model,
  versions,
}: {
  project: string;
  model: RegisteredModel;
  versions: readonly ModelVersion[];
}) {
  const { can } = useSession();
  const actions = useModelActions(project);
  const aliases = Object.entries(model.aliases).sort(([a], [b]) => a.localeCompare(b));
  return (
    <section className="card min-w-0">
      <header className="flex h-9 items-center gap-2 border-line border-b px-3">
        <h2>Aliases</h2>
        <span className="nums text-ink-3 text-xs">{aliases.length}</span>
      </header>
      {aliases.length === 0 && (
        <p className="p-3 text-ink-3">
          None. An alias such as <code>champion</code> lets clients load a version by what it is for.
        </p>
      )}
      <ul>
        {aliases.map(([alias, at]) => (
          <li
            key={alias}
            className="flex min-h-9 items-center gap-3 border-line border-b px-3 py-1 last:border-0"
          >
            <AliasLabel alias={alias} />
            <Link className="link nums" to={paths.modelVersion(project, model.name, at)}>
              version {at}
            </Link>
            {can("model:promote") && (
              <span className="ml-auto">
                <Menu
                  label={`Move ${alias}`}
                  items={[
                    ...versions
                      .filter((version) => version.version !== at)
                      .map((version) => ({
                        title: `Version ${version.version}`,
                        run: () =>
                          void actions.moveAlias(model.name, alias, { version: version.version, before: at }),
                      })),
                    "line" as const,
                    {
                      title: "Take it away",
                      run: () => void actions.moveAlias(model.name, alias, { before: at }),
                    },
                  ]}
                  trigger={
                    <button type="button" className="button" aria-label={`Move to, for ${alias}`}>
                      Move to
                    </button>
                  }
                />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
