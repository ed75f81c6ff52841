import type { Revision, ServingEndpoint } from "@atrium/contract/serving";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, useSubmit } from "../../lib/form.tsx";
import { formatNumber } from "../../lib/format.ts";
import { useRefresh } from "../../lib/fresh.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { rollBack, SERVING_READS } from "./serving-api.ts";
import { ShareBar } from "./share-bar.tsx";
import { Dot } from "./states.tsx";

/** Asks once before traffic goes back: to the routing before this one, or to a numbered revision. */
export function RollBackDialog({
  project,
  endpoint,
  to,
  onClose,
}: {
  project: string;
  endpoint: ServingEndpoint;
  to?: Revision;
  onClose: () => void;
}) {
  const refresh = useRefresh(SERVING_READS);
  const form = useSubmit(async () => {
    const body = to === undefined ? {} : { revision: to.number };
    await rollBack({ project, params: { endpoint: endpoint.name }, body });
    refresh();
    onClose();
  });
  return (
    <Dialog title={to ? `Roll back to revision ${to.number}` : "Roll back"} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={form.onSubmit}>
        <p className="text-ink-2">
          {to
            ? "This routing takes the traffic again, at once:"
            : "The routing before this one takes the traffic again, at once. Rolling back twice goes two steps back."}
        </p>
        {to && <Routes project={project} routes={to.routes} />}
        <p className="text-ink-2">Now it is:</p>
        <Routes project={project} routes={endpoint.deployments.filter(({ weight }) => weight > 0)} />
        <FormError error={form.error} />
        <div className="flex justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>
            Keep it
          </button>
          <button type="submit" className="button button-primary" disabled={form.busy}>
            Roll back
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** A routing as a bar and in words. */
export function Routes({
  project,
  routes,
}: {
  project: string;
  routes: readonly Pick<Revision["routes"][number], "number" | "weight" | "model">[];
}) {
  return (
    <div className="flex flex-col gap-1">
      <ShareBar shares={routes} />
      <ul className="flex flex-wrap gap-x-4">
        {[...routes]
          .sort((a, b) => a.number - b.number)
          .map(({ number, weight, model }) => (
            <li key={number} className="flex items-center gap-1.5 whitespace-nowrap">
              <Dot number={number} />
              <span className="nums text-ink-3">{number}</span>
              <Link className="link" to={paths.modelVersion(project, model.name, model.version)}>
                {model.name} v{model.version}
              </Link>
              <span className="nums">{formatNumber(weight)} %</span>
            </li>
          ))}
      </ul>
    </div>
  );
}
