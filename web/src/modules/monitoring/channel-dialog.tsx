import type { Channel } from "@atrium/contract/monitoring";
import { useState } from "react";
import { useApi } from "../../lib/api.ts";
import { Dialog } from "../../lib/dialog.tsx";
import { Field, FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { listSecrets } from "../settings/settings-api.ts";
import { createChannel, MONITORING_READS, replaceChannel } from "./monitoring-api.ts";

/** A webhook, signed with a secret that the project keeps: its name goes in here, its value never. */
export function ChannelDialog({
  project,
  channel,
  onClose,
}: {
  project: string;
  channel?: Channel;
  onClose: () => void;
}) {
  const fresh = useFresh(MONITORING_READS);
  const [given, setGiven] = useState({
    name: channel?.name ?? "",
    url: channel?.url ?? "",
    secret: channel?.secret ?? "",
    enabled: channel?.enabled ?? true,
  });
  const form = useSubmit(async () => {
    const body = { ...given, kind: "webhook" as const };
    await fresh(() =>
      channel
        ? replaceChannel({ project, params: { channel: channel.id }, body })
        : createChannel({ project, body }),
    );
    onClose();
  });
  const set = (change: Partial<typeof given>) => setGiven({ ...given, ...change });
  return (
    <Dialog title={channel ? `Edit ${channel.name}` : "New channel"} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="Name"
          required
          maxLength={120}
          value={given.name}
          error={form.errorAt("name")}
          onChange={(event) => set({ name: event.target.value })}
        />
        <TextField
          label="Address"
          type="url"
          required
          maxLength={2000}
          placeholder="https://hooks.example.org/alerts"
          help="Messages are posted there as JSON. A private network must be allowed in the project's settings."
          value={given.url}
          error={form.errorAt("url")}
          onChange={(event) => set({ url: event.target.value })}
        />
        <SigningSecret
          project={project}
          value={given.secret}
          error={form.errorAt("secret")}
          onChange={(secret) => set({ secret })}
        />
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            className="accent-(--accent)"
            checked={given.enabled}
            onChange={(event) => set({ enabled: event.target.checked })}
          />
          On: incidents are told there
        </label>
        <FormError error={form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy}>
          {channel ? "Save" : "Add the channel"}
        </button>
      </form>
    </Dialog>
  );
}

/** A secret of the project by its name; those who may see the names get them proposed. */
function SigningSecret({
  project,
  value,
  error,
  onChange,
}: {
  project: string;
  value: string;
  error: string | undefined;
  onChange: (name: string) => void;
}) {
  const { can } = useSession();
  const secrets = useApi(listSecrets, { project }, { enabled: can("secret:read") });
  return (
    <Field
      label="Signing secret"
      help={
        <>
          Its name in{" "}
          <Link className="link" to={`${paths.projectSettings(project)}?tab=secrets`}>
            the project's secrets
          </Link>
          ; the receiver checks <code>webhook-signature</code> with the same value.
        </>
      }
      error={error}
    >
      {(attributes) => (
        <>
          <input
            {...attributes}
            className="field"
            required
            list="monitoring-secrets"
            autoComplete="off"
            spellCheck={false}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <datalist id="monitoring-secrets">
            {secrets.data?.items.map(({ name }) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
