import type { DatasetVersion } from "@atrium/contract/datasets";
import { BadgeCheck } from "lucide-react";
import { useState } from "react";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { useSession } from "../../lib/session.tsx";
import { Ago } from "../../lib/words.tsx";
import { Certified } from "./badges.tsx";
import { certifyVersion, DATASET_READS, withdrawCertification } from "./datasets-api.ts";

/** Who vouches for a version, and why; those who may take it back do so here. */
export function CertificationCard({ project, version }: { project: string; version: DatasetVersion }) {
  const { can } = useSession();
  const [over, setOver] = useState<"open" | "closed">("closed");
  const { certification } = version;
  return (
    <section className="card min-w-0">
      <header className="flex h-9 items-center gap-2 border-line border-b px-3">
        <h2>Certification</h2>
        {certification && can("dataset:certify") && (
          <button
            type="button"
            className="button button-plain ml-auto !h-6 !px-2 text-ink-2"
            onClick={() => setOver("open")}
          >
            Withdraw
          </button>
        )}
      </header>
      {certification ? (
        <div className="flex flex-col gap-2 p-3">
          <p className="flex flex-wrap items-center gap-2">
            <Certified />
            <span>
              by {certification.by}, <Ago at={certification.atMs} />
            </span>
          </p>
          {certification.note && <p className="text-ink-2">{certification.note}</p>}
        </div>
      ) : (
        <p className="p-3 text-ink-3">{whyNot(version)}</p>
      )}
      {over === "open" && (
        <CertificationDialog project={project} version={version} onClose={() => setOver("closed")} />
      )}
    </section>
  );
}

function whyNot({ state, checks }: DatasetVersion): string {
  if (state !== "ready") return "A version can be certified when it is ready.";
  if ((checks?.failed ?? 0) > 0) return "It cannot be certified while a check of severity error fails.";
  return "Nobody vouches for this version yet.";
}

export function isCertifiable({ state, checks, certification }: DatasetVersion): boolean {
  return state === "ready" && certification === undefined && (checks?.failed ?? 0) === 0;
}

export function CertifyButton({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" className="button button-primary" onClick={onClick}>
      <BadgeCheck size={14} /> Certify
    </button>
  );
}

/** Vouches for a version or takes that back, each with a note that the trail keeps. */
export function CertificationDialog({
  project,
  version: { dataset, version, certification },
  onClose,
}: {
  project: string;
  version: DatasetVersion;
  onClose: () => void;
}) {
  const [note, setNote] = useState("");
  const fresh = useFresh(DATASET_READS);
  const params = { dataset, version };
  const form = useSubmit(async () => {
    await fresh(() =>
      certification
        ? withdrawCertification({ project, params, query: { note } })
        : certifyVersion({ project, params, body: { note } }),
    );
    onClose();
  });
  const verb = certification ? "Withdraw" : "Certify";
  return (
    <Dialog
      title={certification ? "Withdraw the certification" : `Certify ${dataset} v${version}`}
      onClose={onClose}
    >
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label="Note"
          maxLength={4000}
          placeholder={
            certification ? "Why it no longer holds" : "What was looked at, and for what it is good"
          }
          help="Kept in the audit trail with your name."
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        <FormError error={form.error} />
        <button
          type="submit"
          className={`button self-end ${certification ? "button-danger" : "button-primary"}`}
          disabled={form.busy}
        >
          {verb}
        </button>
      </form>
    </Dialog>
  );
}
