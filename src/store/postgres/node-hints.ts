import type { Client } from "pg";
import { type Hint, type Wake, wakeInProcess } from "../wake.ts";
import type { PostgresConnection } from "./connection.ts";

const channel = "signalbox";
const notify = `SELECT pg_notify('${channel}', $1)`;
/** What is told in this time goes together. */
const togetherMs = 10;
/** PostgreSQL takes 8,000 bytes. */
const mostHints = 64;

interface Told {
  readonly node: string;
  readonly hints: readonly Hint[];
}

export interface Hints extends Wake {
  /** Hears the others on this connection from now on. */
  hear(client: Client): Promise<void>;
  /** Tells the others now; resolves when that is done, or cannot be. */
  tellNow(hint: Hint): Promise<void>;
}

/** Hints to this node and the others. Those of a connection that is lost are lost with it. */
export class NodeHints implements Hints {
  readonly #node: string;
  readonly #connection: () => PostgresConnection | undefined;
  readonly #own = wakeInProcess();
  #waiting: Hint[] = [];

  constructor(node: string, connection: () => PostgresConnection | undefined) {
    this.#node = node;
    this.#connection = connection;
  }

  tell(hint: Hint): void {
    this.#own.tell(hint);
    // Each node dispatches what it commits itself, and finds itself what waits for it.
    if (hint.about === "events" || hint.about === "shards" || hint.about === "lost") return;
    this.#waiting.push(hint);
    if (this.#waiting.length === 1) setTimeout(() => void this.#send(), togetherMs);
  }

  async tellNow(hint: Hint): Promise<void> {
    this.#waiting.push(hint);
    await this.#send();
  }

  listen(listener: (hint: Hint) => void): Disposable {
    return this.#own.listen(listener);
  }

  async hear(client: Client): Promise<void> {
    client.on("notification", ({ payload = "" }) => this.#heard(payload));
    await client.query(`LISTEN ${channel}`);
  }

  #heard(payload: string): void {
    const { node, hints } = JSON.parse(payload) as Told;
    if (node === this.#node) return;
    for (const hint of hints) this.#own.tell(hint);
  }

  async #send(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const client = this.#connection()?.client;
    if (client === undefined) return;
    for (let from = 0; from < waiting.length; from += mostHints) {
      await tellNodes(client, this.#node, waiting.slice(from, from + mostHints)).catch(() => {});
    }
  }
}

/** Tells all nodes but one of that name. */
export async function tellNodes(client: Client, node: string, hints: readonly Hint[]): Promise<void> {
  const told: Told = { node, hints };
  await client.query(notify, [JSON.stringify(told)]);
}
