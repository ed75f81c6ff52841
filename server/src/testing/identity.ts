import { sql } from "kysely";
import type { Job } from "#lib/jobs";
import type { AuditEntry, AuditTrail } from "#modules/audit";
import type { Database, Tx } from "#ports/database";
import type { DeliveredEvent, DomainEvent, Events } from "#ports/events";
import type { Actor } from "../modules/identity/actor.ts";
import type { Identity } from "../modules/identity/door.ts";
import { createIdentity } from "../modules/identity/identity.ts";
import { identityJobs } from "../modules/identity/jobs.ts";
import { openTestDatabase } from "./database.ts";

export const PROJECTS = [
  { id: "p1", organisationId: "o1", slug: "one", state: "active" as const },
  { id: "p2", organisationId: "o1", slug: "two", state: "active" as const },
  { id: "p3", organisationId: "o2", slug: "three", state: "active" as const },
];
/** Known by its slug only here: it looks like a project's id. */
const MISLEADING = { id: "p4", organisationId: "o1", slug: "p9" };
export const ADMIN_TOKEN = "an-admin-token-of-at-least-32-characters";
export const PASSWORD = "correct horse battery";

/** A started identity over a real database, with what it told the others. */
export interface House {
  db: Database;
  identity: Identity;
  /** A second process over the same database; it hears no events of the first. */
  another(): Identity;
  clock: { nowMs: number };
  told: DomainEvent[];
  recorded: AuditEntry[];
  /** Statements that reached the database since the last question. */
  reads(): number;
  anonymous(ip?: string): Actor;
  owner(): Promise<Actor>;
  /** A user with a password and these roles. */
  user(email: string, ...roles: { roleId: string; place: PlaceGiven }[]): Promise<Actor>;
  /** The cookie header that a browser would send. */
  session(email: string, ip?: string): Promise<string>;
  as(credentials: { authorization?: string; cookie?: string; ip?: string }): Promise<Actor>;
  purge(projectId: string): Promise<void>;
  /** All that identity stored, as one text. */
  dump(): Promise<string>;
  /** Lets all who follow the events hear what was announced. */
  deliver(): void;
  jobs(): Job[];
}

const STORES = [
  "identity_users",
  "identity_sessions",
  "identity_tokens",
  "identity_links",
  "identity_grants",
];

type PlaceGiven = Parameters<Identity["grants"]["create"]>[1]["place"];

export async function openHouse(given: { connection?: "plain" | "encrypted" } = {}): Promise<House> {
  const opened = await openTestDatabase();
  const clock = { nowMs: 1_700_000_000_000 };
  const told: DomainEvent[] = [];
  const recorded: AuditEntry[] = [];
  const handlers: ((event: DeliveredEvent) => Promise<void>)[] = [];
  const listeners: ((event: DeliveredEvent) => void)[] = [];
  let reads = 0;
  const db: Database = {
    ...opened,
    get reader() {
      reads += 1;
      return opened.reader;
    },
  };
  const events: Events = {
    announce: async (_tx: Tx, event) => {
      told.push(event);
    },
    subscribe: (_name, _kinds, handler) => {
      handlers.push(handler);
    },
    follow: async (_after, listener) => {
      listeners.push(listener);
      return () => {};
    },
    start: () => {},
    stop: async () => {},
  };
  const audit: AuditTrail = {
    record: async (_tx, _actor, entry) => {
      recorded.push(entry);
    },
    recordAccess: async (_actor, entry) => {
      recorded.push(entry);
    },
  };
  const directory = {
    resolve: async (name: string) =>
      [...PROJECTS, MISLEADING].find((one) => one.slug === name || one.id === name),
    byId: async (id: string) => [...PROJECTS, MISLEADING].find((one) => one.id === id),
    all: async () => PROJECTS,
  };
  const open = () =>
    createIdentity({
      db,
      clock: { now: () => clock.nowMs },
      audit,
      events,
      directory,
      connection: given.connection ?? "plain",
    });
  const identity = open();
  await identity.start({ adminToken: ADMIN_TOKEN });

  const anonymous = (ip = "192.0.2.1"): Actor => ({
    kind: "anonymous",
    id: "anonymous",
    name: "anonymous",
    via: { kind: "none", id: "" },
    request: { id: "r1", ip, userAgent: "test" },
  });
  const as: House["as"] = ({ ip = "192.0.2.1", ...rest }) =>
    identity.authenticate({ ...rest, ip, userAgent: "test", requestId: "r1" });
  const owner = () => as({ authorization: `Bearer ${ADMIN_TOKEN}` });
  const session: House["session"] = async (email, ip) => {
    const { cookie } = await identity.signIn.withPassword({ email, password: PASSWORD }, anonymous(ip));
    return cookie.split(";", 1)[0] ?? "";
  };
  return {
    db,
    identity,
    another: open,
    clock,
    told,
    recorded,
    reads: () => {
      const count = reads;
      reads = 0;
      return count;
    },
    anonymous,
    owner,
    session,
    as,
    async user(email, ...grants) {
      const { path } = await identity.people.invite(await owner(), { email, grants });
      const given = { code: codeOf(path), displayName: email.split("@", 1)[0] ?? "", password: PASSWORD };
      const { cookie } = await identity.signIn.acceptInvitation(given, anonymous());
      return as({ cookie: cookie.split(";", 1)[0] ?? "" });
    },
    async purge(projectId) {
      const event = { kind: "project.purged", projectId, key: projectId, body: {}, position: "1", atMs: 0 };
      for (const handle of handlers) await handle(event);
    },
    deliver: () => {
      for (const event of told) for (const hear of listeners) hear({ ...event, position: "1", atMs: 0 });
    },
    jobs: () => identityJobs({ db, clock: { now: () => clock.nowMs } }),
    async dump() {
      const rows: unknown[] = [];
      for (const table of STORES) {
        rows.push(...(await sql`select * from ${sql.table(table)}`.execute(db.reader.kysely)).rows);
      }
      return JSON.stringify(rows);
    },
  };
}

export function codeOf(path: string): string {
  return path.split("#link=")[1] ?? "";
}

export const instance = { kind: "instance" } as const;
export const project = (projectId: string) => ({ kind: "project", projectId }) as const;
export const organisation = (organisationId: string) => ({ kind: "organisation", organisationId }) as const;
