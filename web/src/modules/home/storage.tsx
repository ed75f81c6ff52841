import { QuotaLine } from "../../lib/quota-line.tsx";
import { useQuotas } from "../../lib/quotas.ts";

/** What the project uses, and how far that is from its limits. */
export function Storage({ project }: { project: string }) {
  const { data } = useQuotas(project);
  if (!data) return null;
  return (
    <section className="card">
      <h2 className="border-line border-b px-3 py-2">Storage and limits</h2>
      <ul className="flex flex-col px-3 py-1">
        {data.items.map((quota) => (
          <QuotaLine key={quota.resource} quota={quota} />
        ))}
      </ul>
    </section>
  );
}
