import type { CanaryVerdict, ServingEndpoint } from "@atrium/contract/serving";
import { CircleCheck, Hourglass, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { formatCount, formatShare } from "../../lib/format.ts";
import { useFresh } from "../../lib/fresh.ts";
import { useSession } from "../../lib/session.tsx";
import { RollBackDialog } from "./roll-back-dialog.tsx";
import { SERVING_READS, setTraffic, useCanary } from "./serving-api.ts";
import { Dot } from "./states.tsx";

const ADVICE = {
  promote: { icon: CircleCheck, colour: "text-good", word: "Not worse" },
  "roll-back": { icon: TriangleAlert, colour: "text-bad", word: "Worse" },
  wait: { icon: Hourglass, colour: "text-ink-2", word: "Too early to say" },
} as const;

const MEASURES = { errors: "Failed", latency: "Slow" } as const;

/** Whether the newest deployment does worse than the one beside it, in a sentence and with its figures. */
export function Canary({ project, endpoint }: { project: string; endpoint: ServingEndpoint }) {
  const isCompared = endpoint.routes.length > 1;
  const { data: verdict } = useCanary(project, endpoint.name, isCompared ? "read" : "wait");
  if (!isCompared || !verdict) return null;
  const { icon: Icon, colour, word } = ADVICE[verdict.advice];
  return (
    <section className="card min-w-0" aria-label="Canary">
      <header className="flex h-9 items-center gap-2 border-line border-b px-3">
        <h2>Canary</h2>
        <span className={`flex items-center gap-1.5 ${colour}`}>
          <Icon size={14} aria-hidden /> {word}
        </span>
      </header>
      <div className="flex flex-col gap-3 p-3">
        <p>{verdict.words}</p>
        <Figures verdict={verdict} />
        {verdict.measures.map((measure) => (
          <Interval key={measure.measure} measure={measure} />
        ))}
        <Follow project={project} endpoint={endpoint} verdict={verdict} />
      </div>
    </section>
  );
}

function Figures({ verdict: { baseline, candidate } }: { verdict: CanaryVerdict }) {
  return (
    <table className="w-full">
      <thead>
        <tr className="text-ink-2 text-xs">
          {["Deployment", "Predictions", "Failed", "Slow"].map((head, at) => (
            <th
              key={head}
              scope="col"
              className={`py-0.5 font-medium ${at === 0 ? "text-left" : "text-right"}`}
            >
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {[baseline, candidate].map((side, at) => (
          <tr key={side.deployment} className="border-line border-t">
            <th scope="row" className="py-1 text-left font-normal">
              <Dot number={side.deployment} /> {side.deployment}{" "}
              <span className="text-ink-3">{at === 0 ? "baseline" : "candidate"}</span>
            </th>
            <td className="text-right">{formatCount(side.predictions)}</td>
            <td className="text-right" title={`${side.errors} of ${side.predictions}`}>
              {side.predictions === 0 ? "–" : formatShare(side.errors / side.predictions)}
            </td>
            <td className="text-right" title="Slower than 95 % of the baseline's">
              {formatShare(side.slowShare)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// The scale shows differences of a few percent; what reaches further is cut off at its edge.
const SCALE = 0.2;
const toX = (share: number) => 50 + (Math.max(-SCALE, Math.min(SCALE, share)) / SCALE) * 50;

/** How much more the candidate has of it: the likely range, no difference, and what would be tolerated. */
function Interval({ measure: one }: { measure: CanaryVerdict["measures"][number] }) {
  const { measure, difference, low, high, tolerance, finding } = one;
  const colour = { worse: "var(--bad)", "not-worse": "var(--good)", open: "var(--ink-3)" }[finding];
  const words = `${MEASURES[measure]}: ${signed(difference)} more, likely between ${signed(low)} and ${signed(high)}; up to ${signed(tolerance)} is tolerated`;
  return (
    <figure className="min-w-0">
      <figcaption className="flex justify-between text-xs">
        <span className="text-ink-2">{MEASURES[measure]}, candidate − baseline</span>
        <span className="nums">{signed(difference)}</span>
      </figcaption>
      <svg
        role="img"
        aria-label={words}
        viewBox="0 0 100 12"
        preserveAspectRatio="none"
        height={12}
        className="block w-full"
      >
        <title>{words}</title>
        <rect x={50} width={toX(tolerance) - 50} y={0} height={12} fill="var(--hover)" />
        <rect x={0} y={5.75} width={100} height={0.5} fill="var(--line)" />
        <rect x={50} y={0} width={0.3} height={12} fill="var(--ink-3)" />
        <rect
          x={toX(low)}
          y={4}
          width={Math.max(0.6, toX(high) - toX(low))}
          height={4}
          fill={colour}
          opacity={0.55}
        />
        <rect x={toX(difference) - 0.4} y={2} width={0.8} height={8} fill={colour} />
      </svg>
      <div className="nums flex justify-between text-ink-3 text-xs" aria-hidden>
        <span>−{SCALE * 100} %</span>
        <span>0</span>
        <span>+{SCALE * 100} %</span>
      </div>
    </figure>
  );
}

function signed(share: number): string {
  const value = (share * 100).toFixed(1);
  return `${share > 0 ? "+" : ""}${value.replace("-", "−")} %`;
}

function Follow({
  project,
  endpoint,
  verdict,
}: {
  project: string;
  endpoint: ServingEndpoint;
  verdict: CanaryVerdict;
}) {
  const { can } = useSession();
  const fresh = useFresh(SERVING_READS);
  const [asks, setAsks] = useState<"yes" | "no">("no");
  const candidate = endpoint.deployments.find(
    ({ number }) => String(number) === verdict.candidate.deployment,
  );
  if (!can("endpoint:write") || verdict.advice === "wait") return null;
  if (verdict.advice === "roll-back")
    return (
      <>
        <button type="button" className="button self-start" onClick={() => setAsks("yes")}>
          Roll back
        </button>
        {asks === "yes" && (
          <RollBackDialog project={project} endpoint={endpoint} onClose={() => setAsks("no")} />
        )}
      </>
    );
  if (!candidate) return null;
  const promote = () =>
    fresh(() =>
      setTraffic({
        project,
        params: { endpoint: endpoint.name },
        body: { routes: [{ deployment: candidate.id, weight: 100 }] },
      }),
    ).catch(() => undefined); // What was refused has been shown.
  return (
    <button type="button" className="button self-start" onClick={() => void promote()}>
      Give deployment {candidate.number} all the traffic
    </button>
  );
}
