import { statusCodes } from "../sql/deliveries-sql.ts";
import { addOpen } from "../sql/open-counts.ts";
import { integer, type Row, type Sql } from "../sql/step.ts";
import type { Statements } from "./statements.ts";

const readStatus = "SELECT status FROM delivery WHERE sequence = ? AND subscription = ?";

/** What the deliveries of one settlement change. */
export class OpenCounts {
  readonly #statements: Statements;
  readonly #changes = new Map<string, [waiting: number, dead: number]>();

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Of the delivery that a row is about, before it is written; `undefined` when it is not there. */
  statusOf([sequence = 0, subscription = 0]: readonly Sql[]): number | undefined {
    return this.#statements.one((row: Row) => integer(row, "status"), readStatus, sequence, subscription);
  }

  /** A row was written, of a delivery whose status was `before`. */
  change([, , tenant, after]: readonly Sql[], before: number | undefined): void {
    const waiting = Number(after === statusCodes.waiting) - Number(before === statusCodes.waiting);
    const dead = Number(after === statusCodes.dead) - Number(before === statusCodes.dead);
    if ((waiting === 0 && dead === 0) || typeof tenant !== "string") return;
    const change = this.#changes.get(tenant);
    if (change === undefined) {
      this.#changes.set(tenant, [waiting, dead]);
      return;
    }
    change[0] += waiting;
    change[1] += dead;
  }

  write(): void {
    for (const [tenant, change] of this.#changes) this.#statements.run({ sql: addOpen, params: [tenant, ...change] });
  }
}
