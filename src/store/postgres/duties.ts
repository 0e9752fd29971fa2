import type { Duty } from "../cluster.ts";
import type { PostgresConnection } from "./connection.ts";

/** Class of the advisory locks of duties. */
const lockClass = 51_266;
const tryLock = `SELECT pg_try_advisory_lock(${lockClass}, hashtext($1)) AS mine`;
const unlock = `SELECT pg_advisory_unlock(${lockClass}, hashtext($1))`;

interface Wanted {
  readonly duty: Duty;
  /** Tells that this node has it from now on; returns what is to be called when it has it no more. */
  readonly got: () => () => void;
}

/** What this node does, or would do, for all: each is a lock of the connection beside the one that writes, and over with it. */
export class Duties {
  readonly #wanted = new Set<Wanted>();
  readonly #lost = new Map<Duty, () => void>();

  /** Those that this node has. */
  get own(): readonly Duty[] {
    return [...this.#lost.keys()];
  }

  want(wanted: Wanted): void {
    this.#wanted.add(wanted);
  }

  /** It was had, and is for others. */
  async giveBack(duty: Duty, connection: PostgresConnection | undefined): Promise<void> {
    if (!this.#lost.delete(duty)) return;
    await connection?.client.query(unlock, [duty]).catch(() => {});
  }

  /** It is not to be had any more. */
  unwant(wanted: Wanted): void {
    this.#wanted.delete(wanted);
  }

  /** Those that no other has. */
  async take({ client }: PostgresConnection): Promise<void> {
    for (const one of this.#wanted) {
      if (this.#lost.has(one.duty)) continue;
      const { rows } = await client.query(tryLock, [one.duty]);
      if ((rows[0] as { readonly mine: number } | undefined)?.mine !== 1) continue;
      if (!this.#wanted.delete(one)) await client.query(unlock, [one.duty]);
      else this.#lost.set(one.duty, one.got());
    }
  }

  /** The connection is lost. */
  lose(): void {
    const lost = [...this.#lost.values()];
    this.#lost.clear();
    for (const one of lost) one();
  }
}
