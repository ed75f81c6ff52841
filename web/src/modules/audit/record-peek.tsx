import type { AuditRecord } from "@atrium/contract/audit";
import { useState } from "react";
import { useApi } from "../../lib/api.ts";
import { CodeBlock } from "../../lib/code.tsx";
import { CopyableId } from "../../lib/copy.tsx";
import { formatTime } from "../../lib/format.ts";
import { Facts } from "../../lib/page.tsx";
import { ErrorState } from "../../lib/states.tsx";
import { proveRecord } from "./audit-api.ts";

/** One record whole, and the proof that it stands in the signed log. */
export function RecordPeek({ record, provable }: { record: AuditRecord; provable: "yes" | "no" }) {
  const [proof, setProof] = useState<"asked" | "hidden">("hidden");
  return (
    <div className="flex flex-col gap-4 p-4">
      <Facts
        items={[
          ["When", formatTime(record.atMs)],
          [
            "Who",
            <>
              {record.actor.name} <span className="text-ink-3">{record.actor.kind}</span>
            </>,
          ],
          ["By", record.via.kind],
          [
            "To what",
            <>
              {record.resource.type} {record.resource.name ?? ""}{" "}
              <CopyableId id={record.resource.id} length={24} />
            </>,
          ],
          ["Outcome", record.outcome],
          [
            "From",
            <>
              {record.request.ip} <span className="break-all text-ink-3">{record.request.userAgent}</span>
            </>,
          ],
          ["Request", <CopyableId key="r" id={record.request.id} length={24} />],
          ["Hash", <CopyableId key="h" id={record.hash} length={24} />],
          ["No.", String(record.seq)],
        ]}
      />
      {Object.keys(record.details).length > 0 && (
        <section>
          <h2 className="mb-1">Details</h2>
          <CodeBlock code={JSON.stringify(record.details, null, 2)} label="details" />
        </section>
      )}
      {provable === "yes" &&
        (proof === "hidden" ? (
          <button type="button" className="button self-start" onClick={() => setProof("asked")}>
            Show the proof
          </button>
        ) : (
          <Proof seq={record.seq} />
        ))}
    </div>
  );
}

function Proof({ seq }: { seq: number }) {
  const { data, error, refetch } = useApi(proveRecord, { params: { seq } });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return null;
  return (
    <section className="flex flex-col gap-2">
      <h2>Proof</h2>
      <p className="text-ink-2">
        Anybody can check this with the key <code className="break-all">{data.verifierKey}</code>, without
        asking this server again.
      </p>
      <CodeBlock code={data.proof} label="proof" />
    </section>
  );
}
