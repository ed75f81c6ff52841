import type { ModelVersion } from "@atrium/contract/registry";
import { formatNumber } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { useEndpoints } from "./serving-api.ts";

/** Where a model version answers now, and with which share. */
export function ServedAt({
  project,
  version,
}: {
  project: string;
  version: Pick<ModelVersion, "name" | "version">;
}) {
  const { can } = useSession();
  const { rows } = useEndpoints(project, can("endpoint:read") ? "read" : "wait");
  const places = rows.flatMap(({ name, deployments }) => {
    const own = deployments.filter(
      ({ model, weight }) => weight > 0 && model.name === version.name && model.version === version.version,
    );
    return own.length === 0 ? [] : [{ name, weight: own.reduce((sum, { weight }) => sum + weight, 0) }];
  });
  if (places.length === 0) return null;
  return (
    <span>
      serves at{" "}
      {places.map(({ name, weight }, at) => (
        <span key={name}>
          {at > 0 && ", "}
          <Link className="link underline" to={paths.endpoint(project, name)}>
            {name}
          </Link>
          {weight < 100 && <span className="nums text-ink-3"> {formatNumber(weight)} %</span>}
        </span>
      ))}
    </span>
  );
}
