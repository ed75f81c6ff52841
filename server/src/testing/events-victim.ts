import { appendFileSync } from "node:fs";
import { systemClock } from "#lib/clock";
import { createOutbox } from "../ports/events/outbox.ts";
import { createLeases } from "../ports/leases/database-leases.ts";
import { type DatabaseAddress, openAt } from "./database.ts";

interface Order {
  address: DatabaseAddress;
  ledger: string;
}

// Handles one event and dies before its cursor moves: run as a process of its own, by the contract of events.
process.once("message", async ({ address, ledger }: Order) => {
  const db = await openAt(address);
  const log = { warn: () => {}, error: () => {} };
  const outbox = createOutbox({
    db,
    clock: systemClock,
    log,
    leases: createLeases(db),
    pace: { leaseMs: 300 },
  });
  outbox.subscribe("victim", ["thing.changed"], async (event) => {
    appendFileSync(ledger, `${event.key}\n`);
    process.kill(process.pid, "SIGKILL");
  });
  outbox.start();
});
