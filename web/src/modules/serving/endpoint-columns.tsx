import type { ServingEndpoint } from "@atrium/contract/serving";
import { formatShare, formatTime } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import type { Column } from "../../lib/table/column.ts";
import { Ago, Num, useNow } from "../../lib/words.tsx";
import { rateAt } from "./series.ts";
import type { EndpointNumbers } from "./serving-api.ts";
import { ShareBar } from "./share-bar.tsx";
import { Sparkline } from "./sparkline.tsx";
import { EndpointState } from "./states.tsx";

/** What is asked of the endpoint and how it does; numbers are of the last hour, rates of the last minutes. */
export function endpointColumns(
  project: string,
  numbers: EndpointNumbers | undefined,
): readonly Column<ServingEndpoint>[] {
  return [
    {
      id: "name",
      title: "Endpoint",
      width: 220,
      fixed: "first",
      text: ({ name }) => name,
      cell: ({ name }) => (
        <Link to={paths.endpoint(project, name)} className="font-medium hover:underline">
          {name}
        </Link>
      ),
    },
    {
      id: "state",
      title: "State",
      width: 110,
      usual: "shown",
      text: ({ state }) => state,
      cell: ({ state }) => <EndpointState state={state} />,
    },
    ...numberColumns(numbers),
    {
      id: "deployments",
      title: "Serves",
      width: 320,
      usual: "shown",
      text: servedWords,
      cell: (endpoint) => <Served of={endpoint} />,
    },
    {
      id: "input",
      title: "Asked by",
      width: 120,
      text: ({ input }) => input.kind,
      cell: ({ input }) => (input.kind === "entities" ? "entity ids" : "model inputs"),
    },
    {
      id: "updated",
      title: "Changed",
      width: 110,
      usual: "shown",
      text: ({ updatedMs }) => formatTime(updatedMs),
      cell: ({ updatedMs }) => <Ago at={updatedMs} />,
    },
  ];
}

function numberColumns(numbers: EndpointNumbers | undefined): readonly Column<ServingEndpoint>[] {
  const of = ({ name }: ServingEndpoint) => numbers?.byName.get(name);
  return [
    {
      id: "rate",
      title: "Predictions/s",
      width: 110,
      align: "end",
      usual: "shown",
      text: (endpoint) => ratePerSecond(endpoint, numbers, Date.now()),
      cell: (endpoint) => <Rate of={endpoint} numbers={numbers} />,
    },
    {
      id: "traffic",
      title: "Last hour",
      width: 130,
      usual: "shown",
      text: (endpoint) => of(endpoint)?.predictions ?? 0,
      cell: (endpoint) => <LastHour of={endpoint} numbers={numbers} />,
    },
    {
      id: "p95",
      title: "p95 ms",
      width: 90,
      align: "end",
      usual: "shown",
      text: (endpoint) => of(endpoint)?.latencyMs?.p95,
      cell: (endpoint) => <Num value={of(endpoint)?.latencyMs?.p95} />,
    },
    {
      id: "errors",
      title: "Errors",
      width: 80,
      align: "end",
      usual: "shown",
      text: (endpoint) => of(endpoint)?.errors,
      cell: (endpoint) => <Errors counted={of(endpoint)} />,
    },
  ];
}

interface Numbered {
  of: ServingEndpoint;
  numbers: EndpointNumbers | undefined;
}

function ratePerSecond(of: ServingEndpoint, numbers: EndpointNumbers | undefined, nowMs: number): number {
  const own = numbers?.byName.get(of.name);
  return own && numbers ? rateAt(own.buckets, { nowMs, stepMs: numbers.stepMs }) : 0;
}

export function Rate({ of, numbers }: Numbered) {
  const nowMs = useNow();
  return (
    <span title="Of the last five minutes">
      <Num value={ratePerSecond(of, numbers, nowMs)} />
    </span>
  );
}

export function LastHour({ of, numbers }: Numbered) {
  const nowMs = useNow();
  return <Sparkline of={numbers?.byName.get(of.name)} stepMs={numbers?.stepMs ?? 1} nowMs={nowMs} />;
}

function Errors({ counted }: { counted: { predictions: number; errors: number } | undefined }) {
  if (!counted || counted.predictions === 0) return <span className="text-ink-3">–</span>;
  return (
    <span
      className={counted.errors > 0 ? "text-bad" : ""}
      title={`${counted.errors} of ${counted.predictions}`}
    >
      {counted.errors === 0 ? "none" : formatShare(counted.errors / counted.predictions)}
    </span>
  );
}

/** Oldest first, as the bar beside it; one model is named once. */
function servedWords({ deployments }: ServingEndpoint): string {
  const routed = deployments.filter(({ weight }) => weight > 0).sort((a, b) => a.number - b.number);
  const isOne = new Set(routed.map(({ model }) => model.name)).size === 1;
  return routed
    .map(({ model, weight }, at) => {
      const name = isOne && at > 0 ? "" : `${model.name} `;
      return `${name}v${model.version} ${Math.round(weight)} %`;
    })
    .join(", ");
}

function Served({ of }: { of: ServingEndpoint }) {
  const words = servedWords(of);
  if (words === "") return <span className="text-ink-3">nothing yet</span>;
  return (
    <span className="flex items-center gap-2">
      <span className="w-16 shrink-0">
        <ShareBar shares={of.deployments} />
      </span>
      <span className="truncate">{words}</span>
    </span>
  );
}
