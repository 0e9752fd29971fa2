/** SQL that is looked at before it is run: what would go through a whole table, or sort. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { migrate } from "../../src/store/sqlite/open.ts";
import { Statements } from "../../src/store/sqlite/statements.ts";

/** Statements that look at how they are going to be run. */
class Planned extends Statements {
  readonly scans: string[] = [];
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    super(db);
    this.#db = db;
  }

  override prepare(sql: string): StatementSync {
    const plan = this.#db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    for (const { detail } of plan) {
      const step = String(detail);
      // json_each is a parameter, not a table; what a subquery goes through, or a recursion, has a step of its own.
      if (step.startsWith("SCAN ") && !/^SCAN (json_each|CONSTANT ROW|\(subquery|few$|found)/.test(step))
        this.scans.push(`${step}: ${sql}`);
      if (step.includes("TEMP B-TREE FOR ORDER BY")) this.scans.push(`${step}: ${sql}`);
    }
    return super.prepare(sql);
  }
}

/** Of an empty database. */
export function plannedStatements(): Planned {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  return new Planned(db);
}
