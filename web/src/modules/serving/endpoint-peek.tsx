import type { ServingEndpoint } from "@atrium/contract/serving";
import { CopyAsCode } from "../../lib/code.tsx";
import { Description } from "../../lib/description.tsx";
import { formatNumber } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago, Num } from "../../lib/words.tsx";
import { LastHour, Rate } from "./endpoint-columns.tsx";
import { endpointCode } from "./same-as-code.ts";
import { useAllStats, useEndpoint } from "./serving-api.ts";
import { ShareBar } from "./share-bar.tsx";
import { DeploymentStatus, Dot, EndpointState } from "./states.tsx";

/** What one wants to know of an endpoint before opening it. */
export function EndpointPeek({ project, name }: { project: string; name: string }) {
  const { data: endpoint, error, refetch } = useEndpoint(project, name);
  const numbers = useAllStats(project);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!endpoint) return <Skeleton />;
  const latency = numbers?.byName.get(name)?.latencyMs;
  return (
    <div className="flex flex-col gap-4 p-4">
      <Facts
        items={[
          ["State", <EndpointState key="s" state={endpoint.state} />],
          ["Predictions/s", <Rate key="r" of={endpoint} numbers={numbers} />],
          [
            "Latency",
            <span key="l">
              p50 <Num value={latency?.p50} /> ms, p95 <Num value={latency?.p95} /> ms
            </span>,
          ],
          ["Changed", <Ago key="u" at={endpoint.updatedMs} />],
        ]}
      />
      <LastHour of={endpoint} numbers={numbers} />
      <Deployments project={project} endpoint={endpoint} />
      {endpoint.description && <Description text={endpoint.description} />}
      <section>
        <h2 className="mb-2">Ask it</h2>
        <CopyAsCode code={endpointCode(project, endpoint)} />
      </section>
    </div>
  );
}

function Deployments({ project, endpoint }: { project: string; endpoint: ServingEndpoint }) {
  if (endpoint.deployments.length === 0) return <p className="text-ink-3">Nothing is deployed to it yet.</p>;
  return (
    <section className="card p-3">
      <h2 className="mb-2">Traffic</h2>
      <ShareBar shares={endpoint.deployments} size="large" />
      <ul className="mt-2 flex flex-col gap-1">
        {endpoint.deployments.map(({ id, number, model, state, weight }) => (
          <li key={id} className="flex items-center gap-2">
            <Dot number={number} />
            <span className="nums w-4 text-ink-3">{number}</span>
            <Link
              className="link min-w-0 flex-1 truncate"
              to={paths.modelVersion(project, model.name, model.version)}
            >
              {model.name} v{model.version}
            </Link>
            <DeploymentStatus state={state} />
            <span className="nums w-12 text-right">{formatNumber(weight)} %</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
