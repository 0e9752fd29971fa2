/**
 * Connections that are kept for the next request: HTTP/1.1 on a socket, one request at a time, so that a request that must end can end
 * its connection, whether it is still being opened or in the middle of an answer.
 *
 *   take (──▶ waiting) ──▶ busy ──release──▶ idle ──take──▶ busy …
 *                           │                 │ idle too long, closed by the server, or too many idle
 *                           └──dispose──▶ gone ◀┘
 */
import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";
import { Connection, type Holder, type Origin } from "./connection.ts";
import type { Connector, Endpoint } from "./connector.ts";
import { EgressFailure } from "./failure.ts";

/** An unused connection is closed after this, or by the server's own `Keep-Alive: timeout`, less 2 s for the way there. */
const idleMs = 4_000;
const earlierMs = 2_000;
const longestIdleMs = 30_000;
/** Unused connections that a process keeps, to all origins together. */
export const mostIdle = 1_024;
/** How often unused connections are looked at. */
const sweepMs = 250;
/**
 * So many connections to one origin may be unproven at once: nothing came back over them, and they are younger than a second.
 * A server has a queue of those that it has not accepted yet (511 in Node and nginx). The system lets what is beyond that wait
 * for seconds, though to us it seems connected, so that requests which it would have answered in time are too late.
 */
const mostUnproven = 256;
const unprovenMs = 1_000;

function newOrigin(key: string, endpoint: Endpoint): Origin {
  return { key, endpoint, idle: [], connections: 0, unproven: 0, waiting: new Set() };
}

export class Connections {
  readonly connector: Connector;
  readonly #clock: Clock;
  readonly #mostIdle: number;
  readonly #origins = new Map<string, Origin>();
  /** Of all origins, the one unused for longest first. */
  readonly #idle = new Set<Connection>();
  readonly #all = new Set<Connection>();
  #toWrite: Connection[] = [];
  #sweeping: NodeJS.Timeout | undefined;

  /** @param most unused over all origins: past it, the connection unused for longest is closed. */
  constructor(connector: Connector, clock: Clock, most = mostIdle) {
    this.connector = connector;
    this.#clock = clock;
    this.#mostIdle = most;
  }

  /** The origin of a URL, known or new; not kept unless a connection is taken. */
  origin(url: URL, key = url.origin): Origin | EgressFailure {
    const known = this.#origins.get(key);
    if (known !== undefined) return known;
    const endpoint = this.connector.endpoint(url);
    return endpoint instanceof EgressFailure ? endpoint : newOrigin(key, endpoint);
  }

  /** Gives an idle connection or a new one, now, or as soon as there may be one more to this origin. */
  take(origin: Origin, holder: Holder): void {
    origin.waiting.add(holder);
    this.#serve(origin);
  }

  /** Gives a new one in place of one that its server has closed. */
  replace(old: Connection, holder: Holder): void {
    this.#give(this.#opened(old.origin), holder);
    this.dispose(old);
  }

  /** Does not want one any more that was not given yet. */
  leave(origin: Origin, holder: Holder): void {
    origin.waiting.delete(holder);
  }

  /**
   * On a connection that was used before nothing is written before this turn of the loop has seen what its server did meanwhile: that it
   * closed it, or that it said something unasked, which must not be taken for the answer.
   */
  writeSoon(connection: Connection): void {
    this.#toWrite.push(connection);
    if (this.#toWrite.length === 1) setImmediate(() => this.#write());
  }

  #write(): void {
    const connections = this.#toWrite;
    this.#toWrite = [];
    for (const connection of connections) connection.write();
  }

  #serve(origin: Origin): void {
    for (const holder of origin.waiting) {
      const idle = origin.idle.pop();
      if (idle === undefined && origin.unproven >= mostUnproven) return;
      origin.waiting.delete(holder);
      if (idle !== undefined) this.#idle.delete(idle);
      this.#give(idle ?? this.#opened(origin), holder);
    }
  }

  #give(connection: Connection, holder: Holder): void {
    connection.holder = holder;
    holder.given(connection);
  }

  #opened(origin: Origin): Connection {
    const connection = new Connection(origin, this, this.#clock);
    if (origin.connections === 0) this.#origins.set(origin.key, origin);
    origin.connections += 1;
    origin.unproven += 1;
    const cancel = this.#clock.after(unprovenMs, () => this.#proven(connection));
    connection.proven = () => {
      cancel();
      origin.unproven -= 1;
    };
    this.#all.add(connection);
    return connection;
  }

  /** Or old enough, or gone: one more may be opened. */
  #proven(connection: Connection): void {
    if (connection.proven === undefined) return;
    connection.proven();
    connection.proven = undefined;
    this.#serve(connection.origin);
  }

  /** After an answer that was read to its end, and leaves it usable; for as long as the server keeps it, should it say so. */
  release(connection: Connection, keepAliveMs: number | undefined): void {
    const ms = keepAliveMs === undefined ? idleMs : Math.min(keepAliveMs - earlierMs, longestIdleMs);
    if (ms <= 0) return this.dispose(connection);
    connection.rest(ms);
    connection.origin.idle.push(connection);
    this.#idle.add(connection);
    this.#sweeping ??= setInterval(() => this.#sweep(), sweepMs).unref();
    this.#proven(connection);
    this.#serve(connection.origin);
    if (this.#idle.size > this.#mostIdle) {
      const [oldest] = this.#idle;
      if (oldest !== undefined) this.dispose(oldest);
    }
  }

  /** Closes what has been unused for too long. */
  #sweep(): void {
    const nowMs = performance.now();
    for (const connection of this.#idle) if (connection.isTooOld(nowMs)) this.dispose(connection);
    if (this.#idle.size > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  /** Closes it at once, whatever it is doing. */
  dispose(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    const { origin } = connection;
    if (this.#idle.delete(connection)) origin.idle.splice(origin.idle.indexOf(connection), 1);
    connection.holder = undefined;
    origin.connections -= 1;
    if (origin.connections === 0 && this.#origins.get(origin.key) === origin) this.#origins.delete(origin.key);
    connection.close();
    this.#proven(connection);
  }

  /** How many origins and connections are open: for tests and metrics. */
  get size(): { readonly origins: number; readonly connections: number; readonly idle: number } {
    return { origins: this.#origins.size, connections: this.#all.size, idle: this.#idle.size };
  }

  /** Resolves when every socket is closed. */
  async disposeAll(): Promise<void> {
    const stopped = new EgressFailure("internal", "stopped before the answer was complete");
    const all = [...this.#all];
    for (const { waiting } of this.#origins.values()) {
      const holders = [...waiting];
      waiting.clear();
      for (const holder of holders) holder.broken(stopped);
    }
    for (const connection of all) {
      connection.holder?.broken(stopped);
      this.dispose(connection);
    }
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
    await Promise.all(all.map(({ socket }) => closed(socket)));
  }
}

async function closed(socket: Socket | undefined): Promise<void> {
  if (socket === undefined || socket.closed) return;
  await new Promise<void>((resolve) => void socket.once("close", () => resolve()));
}
