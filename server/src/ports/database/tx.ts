import type { Kysely } from "kysely";
import type { Engine, StatementResult, Tx } from "./database.ts";
import { type Grammar, kyselyOver, type RunStatement } from "./kysely-over.ts";

interface TxParts {
  engine: Engine;
  run: RunStatement;
  grammar: Grammar;
  serialize?: (name: string) => Promise<void>;
  afterCommit?: (work: () => void) => void;
}

/** A transaction's or a reader's face over a statement runner. Its Kysely is made when it is first asked for. */
export function txOver(parts: TxParts): Tx {
  const { engine, run, grammar, serialize = async () => {}, afterCommit = refuse } = parts;
  let kysely: Kysely<unknown> | undefined;
  return {
    engine,
    get kysely() {
      kysely ??= kyselyOver(run, grammar);
      return kysely;
    },
    run: async <Row>(sql: string, parameters: readonly unknown[]) =>
      (await run(sql, parameters)) as StatementResult<Row>,
    serialize,
    afterCommit,
  };
}

function refuse(): void {
  throw new Error("A reader commits nothing.");
}
