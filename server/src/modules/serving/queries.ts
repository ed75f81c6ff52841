import { forUpdate, type Tx, tables } from "#ports/database";
import type { ColdTableRow, DeploymentRow, EndpointRow, RevisionRow, ServingTables } from "./tables.ts";

const db = tables<ServingTables>();

const ENDPOINTS_MAX = 10_000; // Of one instance; all are held in memory by those that serve.
const LIVE_DEPLOYMENTS_MAX = 100; // Of one endpoint; a revision routes to 20.
const STANDING = ["pending", "starting", "ready", "draining"] as const;

// Endpoints

export async function endpointByName(
  tx: Tx,
  projectId: string,
  name: string,
): Promise<EndpointRow | undefined> {
  const query = db(tx).selectFrom("serving_endpoints").selectAll().where("project_id", "=", projectId);
  return query.where("name", "=", name).executeTakeFirst();
}

export async function endpointById(tx: Tx, id: string): Promise<EndpointRow | undefined> {
  return db(tx).selectFrom("serving_endpoints").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The endpoint for a change: its row stays locked until the transaction ends. */
export async function endpointToChange(tx: Tx, id: string): Promise<EndpointRow | undefined> {
  return forUpdate(
    tx,
    db(tx).selectFrom("serving_endpoints").selectAll().where("id", "=", id),
  ).executeTakeFirst();
}

export async function endpointsPage(
  tx: Tx,
  projectId: string,
  part: { after: string | undefined; limit: number },
): Promise<EndpointRow[]> {
  const all = db(tx).selectFrom("serving_endpoints").selectAll().where("project_id", "=", projectId);
  const rest = part.after === undefined ? all : all.where("name", ">", part.after);
  return rest.orderBy("name").limit(part.limit).execute();
}

export async function allEndpoints(tx: Tx): Promise<EndpointRow[]> {
  return db(tx).selectFrom("serving_endpoints").selectAll().orderBy("id").limit(ENDPOINTS_MAX).execute();
}

export async function addEndpoint(tx: Tx, row: EndpointRow): Promise<void> {
  await db(tx).insertInto("serving_endpoints").values(row).execute();
}

export async function saveEndpoint(
  tx: Tx,
  id: string,
  changes: Partial<Omit<EndpointRow, "id" | "project_id" | "name">>,
): Promise<void> {
  await db(tx).updateTable("serving_endpoints").set(changes).where("id", "=", id).execute();
}

export async function removeEndpoint(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("serving_endpoints").where("id", "=", id).execute();
}

// Deployments

export async function deploymentsOf(tx: Tx, endpointId: string): Promise<DeploymentRow[]> {
  const query = db(tx).selectFrom("serving_deployments").selectAll().where("endpoint_id", "=", endpointId);
  const shown = query.where("state", "!=", "retired");
  return shown.orderBy("number", "desc").limit(LIVE_DEPLOYMENTS_MAX).execute();
}

export async function countStanding(tx: Tx, endpointId: string): Promise<number> {
  const query = db(tx).selectFrom("serving_deployments").where("endpoint_id", "=", endpointId);
  const counted = query.where("state", "in", STANDING).select((of) => of.fn.countAll().as("count"));
  return Number((await counted.executeTakeFirst())?.count ?? 0);
}

export async function deploymentById(tx: Tx, id: string): Promise<DeploymentRow | undefined> {
  return db(tx).selectFrom("serving_deployments").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function deploymentByNumber(
  tx: Tx,
  endpointId: string,
  number: number,
): Promise<DeploymentRow | undefined> {
  const query = db(tx).selectFrom("serving_deployments").selectAll().where("endpoint_id", "=", endpointId);
  return query.where("number", "=", number).executeTakeFirst();
}

export async function addDeployment(tx: Tx, row: DeploymentRow): Promise<void> {
  await db(tx).insertInto("serving_deployments").values(row).execute();
}

export async function saveDeployment(
  tx: Tx,
  id: string,
  changes: Partial<Omit<DeploymentRow, "id" | "endpoint_id" | "project_id">>,
): Promise<void> {
  await db(tx).updateTable("serving_deployments").set(changes).where("id", "=", id).execute();
}

/** Deployments without traffic whose warm time is over. */
export async function cooledDown(tx: Tx, nowMs: number, limit: number): Promise<DeploymentRow[]> {
  const query = db(tx).selectFrom("serving_deployments").selectAll().where("state", "=", "ready");
  return query.where("warm_until_ms", "<=", nowMs).orderBy("warm_until_ms").limit(limit).execute();
}

// Revisions

export async function revisionOf(
  tx: Tx,
  endpointId: string,
  number: number,
): Promise<RevisionRow | undefined> {
  const query = db(tx).selectFrom("serving_revisions").selectAll().where("endpoint_id", "=", endpointId);
  return query.where("number", "=", number).executeTakeFirst();
}

export async function revisionsPage(
  tx: Tx,
  endpointId: string,
  part: { before: number | undefined; limit: number },
): Promise<RevisionRow[]> {
  const all = db(tx).selectFrom("serving_revisions").selectAll().where("endpoint_id", "=", endpointId);
  const rest = part.before === undefined ? all : all.where("number", "<", part.before);
  return rest.orderBy("number", "desc").limit(part.limit).execute();
}

export async function addRevision(tx: Tx, row: RevisionRow): Promise<void> {
  await db(tx).insertInto("serving_revisions").values(row).execute();
}

// Tables of the cold-start chain

export async function coldTablesOf(tx: Tx, endpointId: string): Promise<ColdTableRow[]> {
  const query = db(tx).selectFrom("serving_cold_tables").selectAll().where("endpoint_id", "=", endpointId);
  return query.orderBy("step").limit(20).execute();
}

export async function saveColdTable(tx: Tx, row: ColdTableRow): Promise<void> {
  const { endpoint_id: _endpoint, step: _step, ...rest } = row;
  await db(tx)
    .insertInto("serving_cold_tables")
    .values(row)
    .onConflict((conflict) => conflict.columns(["endpoint_id", "step"]).doUpdateSet(rest))
    .execute();
}

export async function removeColdTables(tx: Tx, endpointId: string): Promise<void> {
  await db(tx).deleteFrom("serving_cold_tables").where("endpoint_id", "=", endpointId).execute();
}

const DEPLOYMENTS_MAX = 10_000; // All that an endpoint ever had.

export async function allDeploymentNumbers(
  tx: Tx,
  endpointId: string,
): Promise<Pick<DeploymentRow, "id" | "number" | "model_name" | "model_version">[]> {
  const columns = ["id", "number", "model_name", "model_version"] as const;
  const query = db(tx).selectFrom("serving_deployments").select(columns);
  return query
    .where("endpoint_id", "=", endpointId)
    .orderBy("number", "desc")
    .limit(DEPLOYMENTS_MAX)
    .execute();
}
