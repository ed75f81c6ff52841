import type { ModelWebhook, WebhookEvent } from "@atrium/contract/registry";
import { useState } from "react";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { createWebhook, updateWebhook, WEBHOOK_READS } from "./registry-api.ts";
import { eventWords, WEBHOOK_EVENTS } from "./webhook-words.ts";

const USUAL: readonly WebhookEvent[] = ["model_version.created", "model_version_alias.created"];

interface Edited {
  project: string;
  /** Absent for one that is made. */
  webhook?: ModelWebhook;
  onClose: () => void;
}

/** An address, what it is told of, and the secret that signs it: the secret goes in and is never shown. */
export function WebhookDialog(edited: Edited) {
  const { webhook, onClose } = edited;
  const { given, set, secret, setSecret, form } = useWebhookForm(edited);
  return (
    <Dialog title={webhook ? `Edit ${webhook.name}` : "New webhook"} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="Name"
          required
          maxLength={63}
          value={given.name}
          error={form.errorAt("name")}
          onChange={(event) => set({ name: event.target.value })}
        />
        <TextField
          label="Address"
          type="url"
          required
          maxLength={2000}
          placeholder="https://ci.example.org/models"
          help="Messages are posted there as JSON. A private network must be allowed in the project's settings."
          value={given.url}
          error={form.errorAt("url")}
          onChange={(event) => set({ url: event.target.value })}
        />
        <TextField
          label="Description"
          maxLength={1000}
          value={given.description}
          onChange={(event) => set({ description: event.target.value })}
        />
        <TextField
          label="Signing secret"
          type="password"
          autoComplete="off"
          maxLength={1000}
          placeholder={webhook?.signed ? "unchanged" : "none"}
          help="The receiver checks X-MLflow-Signature with it. It is sealed and never shown again."
          value={secret}
          error={form.errorAt("secret")}
          onChange={(event) => setSecret(event.target.value)}
        />
        <Events chosen={given.events} onChange={(events) => set({ events })} />
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            className="accent-(--accent)"
            checked={given.state === "active"}
            onChange={(event) => set({ state: event.target.checked ? "active" : "disabled" })}
          />
          On: it is told of what happens from now on
        </label>
        <FormError error={form.error} />
        <button
          type="submit"
          className="button button-primary self-end"
          disabled={form.busy || given.events.length === 0}
        >
          {webhook ? "Save" : "Add the webhook"}
        </button>
      </form>
    </Dialog>
  );
}

function useWebhookForm({ project, webhook, onClose }: Edited) {
  const fresh = useFresh(WEBHOOK_READS);
  const [given, setGiven] = useState({
    name: webhook?.name ?? "",
    url: webhook?.url ?? "",
    description: webhook?.description ?? "",
    events: webhook?.events ?? [...USUAL],
    state: webhook?.state ?? ("active" as const),
  });
  const [secret, setSecret] = useState("");
  const form = useSubmit(async () => {
    const body = { ...given, ...(secret === "" ? {} : { secret }) };
    await fresh(() =>
      webhook
        ? updateWebhook({ project, params: { webhook: webhook.id }, body })
        : createWebhook({ project, body }),
    );
    onClose();
  });
  const set = (change: Partial<typeof given>) => setGiven({ ...given, ...change });
  return { given, set, secret, setSecret, form };
}

function Events({
  chosen,
  onChange,
}: {
  chosen: readonly WebhookEvent[];
  onChange: (events: WebhookEvent[]) => void;
}) {
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 font-medium">Told when</legend>
      <div className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
        {WEBHOOK_EVENTS.map((event) => (
          <label key={event} className="flex items-center gap-2">
            <input
              type="checkbox"
              className="accent-(--accent)"
              checked={chosen.includes(event)}
              onChange={({ target }) =>
                onChange(target.checked ? [...chosen, event] : chosen.filter((one) => one !== event))
              }
            />
            {eventWords(event)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
