import { formatNumber } from "../../lib/format.ts";
import { deploymentColour } from "./states.tsx";

export interface Share {
  number: number;
  weight: number;
}

/** Who gets how much of the traffic, as one bar. */
export function ShareBar({ shares, size = "small" }: { shares: readonly Share[]; size?: "small" | "large" }) {
  const shown = shares.filter(({ weight }) => weight > 0).sort((a, b) => a.number - b.number);
  const words =
    shown.length === 0
      ? "No traffic"
      : shown.map(({ number, weight }) => `deployment ${number}: ${formatNumber(weight)} %`).join(", ");
  return (
    <div
      role="img"
      aria-label={words}
      title={words}
      className={`flex w-full gap-px overflow-hidden rounded bg-hover ${size === "large" ? "h-4" : "h-2"}`}
    >
      {shown.map(({ number, weight }) => (
        <span
          key={number}
          className="block h-full"
          style={{ width: `${weight}%`, background: deploymentColour(number) }}
        />
      ))}
    </div>
  );
}
