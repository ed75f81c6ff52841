import type { Quota } from "@atrium/contract/projects";
import { useState } from "react";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, TextField, useSubmit } from "../../lib/form.tsx";
import { useUndoable } from "../../lib/fresh.ts";
import { Panel } from "../../lib/panel.tsx";
import { QuotaLine, quotaTitle } from "../../lib/quota-line.tsx";
import { useQuotas } from "../../lib/quotas.ts";
import { useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { setQuota } from "./settings-api.ts";

const BYTES_A_GIB = 1024 ** 3;

/** What the project may use, and how much of it is used. */
export function Limits({ project }: { project: string }) {
  const { can } = useSession();
  const { data, error, refetch } = useQuotas(project);
  const [over, setOver] = useState<Quota | undefined>();
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  const editable = can("organisation:write");
  return (
    <Panel
      words={
        editable
          ? "A limit refuses what would go beyond it; nothing that exists is lost by setting one."
          : "The organisation sets the limits; ask its administrators for more."
      }
    >
      <ul className="mx-4 max-w-2xl">
        {data.items.map((quota) => (
          <QuotaLine
            key={quota.resource}
            quota={quota}
            aside={
              editable && (
                <button
                  type="button"
                  className="link"
                  aria-label={`Change the limit of ${quotaTitle(quota.resource).toLowerCase()}`}
                  onClick={() => setOver(quota)}
                >
                  {quota.maximum === undefined ? "Limit" : "Change"}
                </button>
              )
            }
          />
        ))}
      </ul>
      {over && <LimitDialog project={project} quota={over} onClose={() => setOver(undefined)} />}
    </Panel>
  );
}

function LimitDialog({ project, quota, onClose }: { project: string; quota: Quota; onClose: () => void }) {
  const undoable = useUndoable(["/quotas"]);
  const unit = quota.resource.endsWith("Bytes") ? BYTES_A_GIB : 1;
  const title = quotaTitle(quota.resource);
  const [text, setText] = useState(quota.maximum === undefined ? "" : String(quota.maximum / unit));
  const change = (maximum: number | null) =>
    setQuota({ project, params: { resource: quota.resource }, body: { maximum } });
  const form = useSubmit(async () => {
    const maximum = text.trim() === "" ? null : Math.round(Number(text) * unit);
    const how = await undoable({
      act: () => change(maximum),
      said: maximum === null ? `${title}: no limit` : `${title}: limit set`,
      undo: () => change(quota.maximum ?? null),
    });
    if (how === "done") onClose();
  });
  return (
    <Dialog title={`Limit of ${title.toLowerCase()}`} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <TextField
          label={unit === 1 ? "At most" : "At most, GiB"}
          help="Empty: no limit."
          type="number"
          min={0}
          step={unit === 1 ? 1 : "any"}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <FormError error={form.error} />
        <button type="submit" className="button button-primary self-end" disabled={form.busy}>
          Set the limit
        </button>
      </form>
    </Dialog>
  );
}
