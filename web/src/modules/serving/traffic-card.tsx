import type { Deployment, ServingEndpoint } from "@atrium/contract/serving";
import { useState } from "react";
import { FormError, useSubmit } from "../../lib/form.tsx";
import { formatNumber } from "../../lib/format.ts";
import { useFresh, useRefresh } from "../../lib/fresh.ts";
import { Link } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { Ago } from "../../lib/words.tsx";
import { retireDeployment, SERVING_READS, setTraffic } from "./serving-api.ts";
import { ShareBar } from "./share-bar.tsx";
import { routesOf, type Shares, sameShares, withShare } from "./shares.ts";
import { DeploymentStatus, Dot } from "./states.tsx";

interface Shown {
  project: string;
  endpoint: ServingEndpoint;
}

/** The deployments, and how the traffic is divided among those that are ready: moved by hand, saved at once. */
export function TrafficCard({ project, endpoint }: Shown) {
  const { can } = useSession();
  const refresh = useRefresh(SERVING_READS);
  const ready = endpoint.deployments.filter(({ state, weight }) => state === "ready" || weight > 0);
  const stored: Shares = Object.fromEntries(ready.map(({ id, weight }) => [id, weight]));
  const [moved, setMoved] = useState<Shares | undefined>();
  // What became ready since stands beside what was moved, with nothing yet.
  const shares = moved ? { ...Object.fromEntries(ready.map(({ id }) => [id, 0])), ...moved } : stored;
  const isChanged = moved !== undefined && !sameShares(shares, stored);
  const form = useSubmit(async () => {
    await setTraffic({ project, params: { endpoint: endpoint.name }, body: { routes: routesOf(shares) } });
    refresh();
  });
  return (
    <section className="card min-w-0" aria-label="Traffic">
      <header className="flex h-9 items-center border-line border-b px-3">
        <h2>Traffic</h2>
        <span className="ml-auto text-ink-3 text-xs">revision {endpoint.revision}</span>
      </header>
      <form className="flex flex-col gap-3 p-3" onSubmit={form.onSubmit}>
        <ShareBar
          size="large"
          shares={ready.map(({ id, number }) => ({ number, weight: shares[id] ?? 0 }))}
        />
        <ul className="flex flex-col">
          {endpoint.deployments.map((deployment) => (
            <Line
              key={deployment.id}
              project={project}
              endpoint={endpoint}
              deployment={deployment}
              share={shares[deployment.id]}
              onShare={
                can("endpoint:write") && ready.length > 1
                  ? (share) => setMoved(withShare(shares, deployment.id, share))
                  : undefined
              }
            />
          ))}
        </ul>
        <FormError error={form.error} />
        {isChanged && (
          <div className="flex items-center justify-end gap-2">
            <span className="mr-auto text-ink-2">Adds up to 100 %; nothing has changed yet.</span>
            <button type="button" className="button" onClick={() => setMoved(undefined)}>
              Leave it
            </button>
            <button type="submit" className="button button-primary" disabled={form.busy}>
              Divide the traffic
            </button>
          </div>
        )}
      </form>
    </section>
  );
}

function Line({
  project,
  endpoint,
  deployment,
  share,
  onShare,
}: Shown & {
  deployment: Deployment;
  /** Undefined for one that can take no traffic. */
  share: number | undefined;
  onShare: ((share: number) => void) | undefined;
}) {
  const { number, model, engine, settings, state, reason, weight, createdBy, createdMs } = deployment;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-b py-2 last:border-0">
      <div className="flex min-w-0 flex-1 basis-56 flex-col">
        <span className="flex items-center gap-1.5">
          <Dot number={number} />
          <span className="nums text-ink-3">{number}</span>
          <Link
            className="link truncate font-medium"
            to={paths.modelVersion(project, model.name, model.version)}
          >
            {model.name} v{model.version}
          </Link>
          {model.alias && <span className="text-ink-3">@{model.alias}</span>}
        </span>
        <span className="text-ink-3 text-xs">
          {engine}
          {settings.copies > 1 ? ` × ${settings.copies}` : ""}, by {createdBy}, <Ago at={createdMs} />
        </span>
        {reason && (
          <span className={`text-xs ${state === "failed" ? "text-bad" : "text-ink-2"}`}>{reason}</span>
        )}
      </div>
      <span className="w-24">
        <DeploymentStatus state={state} />
      </span>
      <ShareControl number={number} share={share} onShare={onShare} />
      {weight === 0 ? (
        <DeploymentMenu project={project} endpoint={endpoint} deployment={deployment} />
      ) : (
        <span className="w-7 max-sm:hidden" />
      )}
    </li>
  );
}

/** A slider and the same as a number; both move by the keyboard, and the others give or take the rest. */
function ShareControl({
  number,
  share,
  onShare,
}: {
  number: number;
  share: number | undefined;
  onShare: ((share: number) => void) | undefined;
}) {
  if (share === undefined)
    return <span className="w-52 text-right text-ink-3 max-sm:w-auto">no traffic</span>;
  if (onShare === undefined)
    return <span className="nums w-52 text-right max-sm:w-auto">{formatNumber(share)} %</span>;
  return (
    <span className="flex w-52 items-center gap-2 max-sm:w-full">
      <input
        type="range"
        className="min-w-0 flex-1 accent-(--accent)"
        aria-label={`Share of deployment ${number}`}
        aria-valuetext={`${formatNumber(share)} percent`}
        min={0}
        max={100}
        value={share}
        onChange={(event) => onShare(Number(event.target.value))}
      />
      <input
        type="number"
        className="field nums !h-7 !w-16 !px-2 text-right"
        aria-label={`Percent of deployment ${number}`}
        min={0}
        max={100}
        step="any"
        value={Number(share.toFixed(2))}
        onChange={(event) => onShare(Number(event.target.value))}
      />
      <span aria-hidden>%</span>
    </span>
  );
}

function DeploymentMenu({ project, endpoint, deployment }: Shown & { deployment: Deployment }) {
  const { can } = useSession();
  const fresh = useFresh(SERVING_READS);
  if (!can("endpoint:write")) return null;
  const params = { endpoint: endpoint.name, deployment: deployment.id };
  return (
    <MoreMenu
      items={[
        {
          title: `End deployment ${deployment.number}`,
          danger: "yes",
          run: () => void fresh(() => retireDeployment({ project, params })).catch(() => undefined),
        },
      ]}
    />
  );
}
