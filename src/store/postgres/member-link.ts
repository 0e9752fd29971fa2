import { setTimeout as pause } from "node:timers/promises";
import { asError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { connect, type Patience, type PostgresConnection } from "./connection.ts";

/** After a connection could not be had, or was lost, the next is tried for no sooner. */
const againMs = 250;
/** While that goes on it is logged this often. */
const logEveryMs = 60_000;

interface LinkOptions {
  readonly url: string;
  /** Of each connection of this node. */
  readonly name: string;
  readonly log: Log;
  readonly patience: Patience;
  /** Called with each new connection, before the first round on it. */
  readonly opened: (connection: PostgresConnection) => Promise<void>;
  /** Called so often, and when it is hurried: rounds follow each other. A round that throws costs the connection. */
  readonly round: (connection: PostgresConnection) => Promise<void>;
  readonly everyMs: number;
  readonly lost: () => void;
}

/** A connection of a node beside the one that writes, on which it looks at what the others do, round after round, as long as it is open. */
export class MemberLink {
  readonly #options: LinkOptions;
  readonly #stop = new AbortController();
  #connection: PostgresConnection | undefined;
  #running: Promise<void> | undefined;
  #hurry: (() => void) | undefined;
  #hurried = false;
  /** `undefined`: all is well. */
  #loggedMs: number | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get connection(): PostgresConnection | undefined {
    return this.#connection?.isOver === false ? this.#connection : undefined;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** The next round begins at once. */
  hurry(): void {
    this.#hurried = true;
    this.#hurry?.();
  }

  /** The next round begins at once, on a new connection. */
  reconnect(): void {
    this.#connection?.destroy();
    this.hurry();
  }

  /** No round begins any more, and none is under way; the connection stays. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#hurry?.();
    await this.#running;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#connection?.end();
    this.#connection = undefined;
  }

  async #run(): Promise<void> {
    const { round, lost } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        const connection = await this.#connected();
        this.#hurried = false;
        await round(connection);
        this.#loggedMs = undefined;
      } catch (thrown) {
        if (this.#stop.signal.aborted) return;
        this.#tell(asError(thrown));
        this.#connection?.destroy();
        this.#connection = undefined;
        lost();
        await pause(againMs);
        continue;
      }
      await this.#wait();
    }
  }

  #tell({ message }: Error): void {
    const nowMs = performance.now();
    if (this.#loggedMs !== undefined && nowMs - this.#loggedMs < logEveryMs) return;
    this.#loggedMs = nowMs;
    this.#options.log.warn({ error: message }, "the other nodes could not be looked at; trying again");
  }

  async #connected(): Promise<PostgresConnection> {
    const { url, name, log, patience, opened } = this.#options;
    if (this.#connection?.isOver === false) return this.#connection;
    if (this.#connection !== undefined) this.#options.lost();
    this.#connection = undefined;
    const connection = await connect(url, log, patience, name);
    connection.client.once("end", () => this.hurry());
    try {
      await opened(connection);
    } catch (thrown) {
      connection.destroy();
      throw thrown;
    }
    this.#connection = connection;
    return connection;
  }

  async #wait(): Promise<void> {
    if (this.#hurried || this.#stop.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.everyMs);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#hurry = undefined;
  }
}
