import type { Revision, Route } from "@atrium/contract/serving";
import type { Tx } from "#ports/database";
import type { ServingDeps } from "./deps.ts";
import * as queries from "./queries.ts";
import type { EndpointRow } from "./tables.ts";
import { routesOf } from "./view.ts";

const WARM_MS = 15 * 60_000; // How long the way back takes no start: people see a bad release within minutes.

/** Makes the next revision: those that lose all traffic stay warm for a while, those that gain some stay for good. */
export async function switchRoutes(
  { clock }: Pick<ServingDeps, "clock">,
  tx: Tx,
  given: { endpoint: EndpointRow; routes: Route[]; why: Revision["why"]; by: string },
): Promise<EndpointRow> {
  const { endpoint, routes } = given;
  const nowMs = clock.now();
  const before = routesOf(await queries.revisionOf(tx, endpoint.id, endpoint.revision));
  const number = endpoint.revision + 1;
  await queries.addRevision(tx, {
    endpoint_id: endpoint.id,
    number,
    routes: JSON.stringify(routes),
    why: given.why,
    at_ms: nowMs,
    made_by: given.by,
  });
  await queries.saveEndpoint(tx, endpoint.id, { revision: number, updated_ms: nowMs });
  for (const { deployment } of before) {
    if (routes.some((route) => route.deployment === deployment)) continue;
    await queries.saveDeployment(tx, deployment, { warm_until_ms: nowMs + WARM_MS });
  }
  for (const { deployment } of routes) await queries.saveDeployment(tx, deployment, { warm_until_ms: null });
  return { ...endpoint, revision: number, updated_ms: nowMs };
}
