import type { AuditVerification } from "@atrium/contract/audit";
import { useQuery } from "@tanstack/react-query";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { Dialog } from "../../lib/dialog.tsx";
import { formatCount, plural } from "../../lib/format.ts";
import { Facts } from "../../lib/page.tsx";
import { ErrorState } from "../../lib/states.tsx";
import { verifyTrail } from "./audit-api.ts";

/** Recomputes the whole chain while one waits, and says in a sentence what came of it. */
export function Verify({ onClose }: { onClose: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: [verifyTrail.route],
    queryFn: ({ signal }) => verifyTrail({}, signal),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  return (
    <Dialog title="Verify the trail" onClose={onClose}>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <Verdict found={data} />
      ) : (
        <p role="status" className="text-ink-2">
          Reading every record and checking every signature…
        </p>
      )}
    </Dialog>
  );
}

function Verdict({ found }: { found: AuditVerification }) {
  return (
    <div className="flex flex-col gap-3">
      <p className={`flex items-start gap-2 font-medium ${found.intact ? "text-good" : "text-bad"}`}>
        {found.intact ? (
          <ShieldCheck size={16} className="mt-0.5 shrink-0" aria-hidden />
        ) : (
          <ShieldAlert size={16} className="mt-0.5 shrink-0" aria-hidden />
        )}
        {found.intact
          ? `All ${plural(found.records, "record")} are as they were written.`
          : (found.fault?.message ?? "The trail is not intact.")}
      </p>
      <Facts
        items={[
          ["Records", formatCount(found.records)],
          [
            "Signed checkpoints",
            `${formatCount(found.checkpoints)}, and ${formatCount(found.outsideCheckpoints)} kept outside the database`,
          ],
          ["Not yet signed", formatCount(found.unsignedRecords)],
          ...(found.fault
            ? [["First bad record", `No. ${found.fault.seq}, ${found.fault.kind}`] as const]
            : []),
          [
            "Root",
            <code key="r" className="break-all">
              {found.root}
            </code>,
          ],
        ]}
      />
    </div>
  );
}
