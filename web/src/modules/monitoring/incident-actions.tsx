import type { Incident } from "@atrium/contract/monitoring";
import { BellOff, Check, Eye } from "lucide-react";
import { useState } from "react";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { useSession } from "../../lib/session.tsx";
import { acknowledgeIncident, MONITORING_READS, resolveIncident } from "./monitoring-api.ts";
import { SilenceDialog } from "./silence-dialog.tsx";

type Over = "acknowledge" | "resolve" | "mute";

/** What can be done about an incident: look after it, end it, keep it quiet. */
export function IncidentActions({ project, incident }: { project: string; incident: Incident }) {
  const { can } = useSession();
  const [over, setOver] = useState<Over | undefined>();
  if (!can("monitor:write") || incident.state === "resolved") return null;
  const close = () => setOver(undefined);
  return (
    <>
      <div className="flex flex-wrap gap-2">
        {incident.state === "open" && (
          <button type="button" className="button button-primary" onClick={() => setOver("acknowledge")}>
            <Eye size={14} /> Acknowledge
          </button>
        )}
        <button type="button" className="button" onClick={() => setOver("resolve")}>
          <Check size={14} /> Resolve
        </button>
        {incident.silencedBy === undefined && (
          <button type="button" className="button" onClick={() => setOver("mute")}>
            <BellOff size={14} /> Mute
          </button>
        )}
      </div>
      {(over === "acknowledge" || over === "resolve") && (
        <NoteDialog project={project} incident={incident} deed={over} onClose={close} />
      )}
      {over === "mute" && (
        <SilenceDialog
          project={project}
          matchers={[
            { name: "monitor", value: incident.monitor },
            { name: "rule", value: incident.rule },
          ]}
          onClose={close}
        />
      )}
    </>
  );
}

const DEEDS = {
  acknowledge: {
    title: "Acknowledge the incident",
    help: "Says that you look after it.",
    verb: "Acknowledge",
  },
  resolve: {
    title: "Resolve the incident",
    help: "Only windows after the newest one can open another.",
    verb: "Resolve",
  },
} as const;

function NoteDialog({
  project,
  incident,
  deed,
  onClose,
}: {
  project: string;
  incident: Incident;
  deed: keyof typeof DEEDS;
  onClose: () => void;
}) {
  const [note, setNote] = useState(incident.note);
  const fresh = useFresh(MONITORING_READS);
  const { title, help, verb } = DEEDS[deed];
  const form = useSubmit(async () => {
    const call = { project, params: { incident: incident.id }, body: { note } };
    await fresh(() => (deed === "resolve" ? resolveIncident(call) : acknowledgeIncident(call)));
    onClose();
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="Note"
          maxLength={2000}
          placeholder="What you found, what you do about it"
          help={help}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        <FormError error={form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy}>
          {verb}
        </button>
      </form>
    </Dialog>
  );
}
