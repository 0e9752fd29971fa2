/**
 * Connections that are kept for the next request. One undici `Client` is one connection with at most one request, so that a
 * request that must end can end its connection, whether it is still being opened or in the middle of an answer; undici's
 * `Pool` cannot cancel what is not connected yet, and searches all of its clients for a free one.
 *
 *   take (──▶ waiting) ──▶ busy ──release──▶ idle ──take──▶ busy …
 *                           │                 │ idle too long, closed by the server, or too many idle
 *                           └──dispose──▶ gone ◀┘
 */
import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { Client } from "undici";
import type { Clock } from "../clock.ts";
import { AnswerHeads } from "./answer-heads.ts";
import type { Connecting, Connector, ConnectStep, Endpoint } from "./connector.ts";
import { EgressFailure } from "./failure.ts";

/** An unused connection is closed after this, or by the server's own `Keep-Alive: timeout`, less undici's 2 s. */
const idleMs = 4_000;
const longestIdleMs = 30_000;
const headerBytes = 16_384;
/**
 * So many connections to one origin may be unproven at once: nothing came back over them, and they are younger than a second.
 * A server has a queue of those that it has not accepted yet (511 in Node and nginx). The system lets what is beyond that wait
 * for seconds, though to us it seems connected, so that requests which it would have answered in time are too late.
 */
const mostUnproven = 256;
const unprovenMs = 1_000;
/** For one request. */
const mostOpens = 3;

/** What the connection reports to its holder. */
export interface Holder {
  /** Here is one, which is its own until it is released or disposed of. */
  given(connection: Connection): void;
  /** Something failed outside of any request. */
  broken(error: Error): void;
}

/** How the present socket was opened; what is absent was not come to, or not needed. */
export type Opening = { readonly [Step in ConnectStep as `${Step}Ms`]?: number } & { readonly address?: string };

/** All connections to one origin. */
export interface Origin {
  readonly key: string;
  readonly endpoint: Endpoint;
  /** The last one released is the first one taken: so that those not needed grow old. */
  readonly idle: Connection[];
  connections: number;
  unproven: number;
  /** Those without a connection, the one that has waited for longest first. */
  readonly waiting: Set<Holder>;
}

function newOrigin(key: string, endpoint: Endpoint): Origin {
  return { key, endpoint, idle: [], connections: 0, unproven: 0, waiting: new Set() };
}

export class Connection implements Connecting {
  readonly client: Client;
  readonly origin: Origin;
  /** The open socket, or the one that is being opened. */
  socket: Socket | undefined;
  /** Of the open socket. */
  heads: AnswerHeads | undefined;
  /** Answers that came over the present socket. */
  served = 0;
  holder: Holder | undefined;
  cancelled = false;
  /** Times it was opened for the present request. */
  opens = 0;
  /** As long as it is unproven: forgets when it will not be called that any more. */
  proven: (() => void) | undefined;
  opening: Opening = {};
  readonly #clock: Clock;
  #steppedMs = 0;
  #connected: ((...outcome: [null, Socket] | [Error, null]) => void) | undefined;

  constructor(origin: Origin, connections: Connections, clock: Clock) {
    this.origin = origin;
    this.#clock = clock;
    this.client = new Client(origin.key, {
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: headerBytes,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: longestIdleMs,
      connect: (_options, callback) => {
        this.#connected = callback;
        this.opening = {};
        this.#steppedMs = clock.steady();
        // undici opens it again when the server ends it, or speaks, before the request: for as long as the server likes.
        this.opens += 1;
        if (this.opens > mostOpens) this.done(new EgressFailure("connection", "connection closed before the request"));
        else connections.connector.open(origin.endpoint, this);
      },
    });
    this.client.on("disconnect", () => {
      this.socket = undefined;
      this.served = 0;
      if (this.holder === undefined) connections.dispose(this);
    });
    // Its types leave this event out; without a listener it would end the process.
    const events: EventEmitter = this.client;
    events.on("error", (error: Error) => this.holder?.broken(error));
  }

  opened(socket: Socket): void {
    this.socket = socket;
    if (this.cancelled) socket.destroy();
  }

  reached(step: ConnectStep, address?: string): void {
    const nowMs = this.#clock.steady();
    const ms = nowMs - this.#steppedMs;
    this.#steppedMs = nowMs;
    this.opening = { ...this.opening, [`${step}Ms`]: ms, ...(address === undefined ? {} : { address }) };
  }

  done(error: Error | null, socket?: Socket): void {
    const tell = this.#connected;
    this.#connected = undefined;
    if (error === null && socket !== undefined) {
      this.heads = new AnswerHeads(socket);
      tell?.(null, socket);
    } else tell?.(error ?? new EgressFailure("connection", "no connection"), null);
  }
}

export class Connections {
  readonly connector: Connector;
  readonly #clock: Clock;
  readonly #mostIdle: number;
  readonly #origins = new Map<string, Origin>();
  /** Of all origins, the one unused for longest first. */
  readonly #idle = new Set<Connection>();
  readonly #all = new Set<Connection>();

  /** `mostIdle` counts over all origins: past it, the connection unused for longest is closed. */
  constructor(connector: Connector, clock: Clock, mostIdle = 1_024) {
    this.connector = connector;
    this.#clock = clock;
    this.#mostIdle = mostIdle;
  }

  /** The origin of a URL, known or new; not kept unless a connection is taken. */
  origin(url: URL): Origin | EgressFailure {
    const key = url.origin;
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
    connection.opens = 0;
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

  /** After an answer that was read to its end. */
  release(connection: Connection): void {
    connection.holder = undefined;
    connection.served += 1;
    connection.origin.idle.push(connection);
    this.#idle.add(connection);
    this.#proven(connection);
    this.#serve(connection.origin);
    if (this.#idle.size > this.#mostIdle) {
      const [oldest] = this.#idle;
      if (oldest !== undefined) this.dispose(oldest);
    }
  }

  /** Closes it at once, whatever it is doing. */
  dispose(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    const { origin } = connection;
    if (this.#idle.delete(connection)) origin.idle.splice(origin.idle.indexOf(connection), 1);
    connection.holder = undefined;
    connection.cancelled = true;
    origin.connections -= 1;
    if (origin.connections === 0 && this.#origins.get(origin.key) === origin) this.#origins.delete(origin.key);
    connection.client.destroy(null, () => {});
    connection.socket?.destroy();
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
    await Promise.all(all.map(({ client }) => client.destroy()));
  }
}
