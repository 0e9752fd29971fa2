import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../../clock.ts";
import type { Config } from "../../../config/config.ts";
import { ByteRates } from "../../../pace/byte-rates.ts";
import { bringsSessionCookie } from "../session-cookie.ts";
import { Addresses, networkOf } from "./addresses.ts";
import { ClientConnection, type ConnectionBounds, type Keeper } from "./connection.ts";
import { TurnQueue } from "./turns.ts";

/** What clients together may have open, under way and unread, on all ports. */
export interface Bounds extends ConnectionBounds {
  /** In all. */
  readonly maxConnections: number;
  /** From one address; of IPv6, from one /64 network. */
  readonly maxConnectionsPerAddress: number;
  /** Requests without a known caller that one address begins in a second; what is more waits. 0: as many as it likes. */
  readonly anonymousPerSecond: number;
  /** Bytes of documents (bodies that are kept whole and taken apart) that one tenant brings in a second. 0: as many as it likes. */
  readonly documentRate: number;
  /** Bytes of answers that wait for clients to read them, of all together. Past it the largest are given up. */
  readonly maxUnreadBytes: number;
  /** A connection on which nothing moves for so long, although it is the client's turn, is closed. */
  readonly idleMs: number;
}

export const defaultBounds: Bounds = {
  maxConnections: 2_048,
  maxConnectionsPerAddress: 512,
  anonymousPerSecond: 100,
  minBodyRate: 1_024,
  documentRate: 2 * 2 ** 20,
  patienceMs: 30_000,
  refusedBodyBytes: 32 * 2 ** 20,
  refusedBodyMs: 10_000,
  maxUnreadBytes: 64 * 2 ** 20,
  idleMs: 120_000,
};

/** As the operator set them. */
export function boundsOf(
  config: Pick<
    Config,
    | "maxConnections"
    | "maxConnectionsPerAddress"
    | "anonymousPerSecond"
    | "minBodyBytesPerSecond"
    | "documentBytesPerSecond"
  >,
): Bounds {
  const { maxConnections, maxConnectionsPerAddress, anonymousPerSecond } = config;
  const { minBodyBytesPerSecond: minBodyRate, documentBytesPerSecond: documentRate } = config;
  return { ...defaultBounds, maxConnections, maxConnectionsPerAddress, anonymousPerSecond, minBodyRate, documentRate };
}

/** How a port speaks when there is no request to answer, or none that can be read on. */
export interface ConnectionAnswers {
  /** To a connection that is one too many: a whole answer. */
  readonly tooMany: string;
  /** Ends an exchange whose body comes too slowly. Nothing of the answer was sent. */
  tooSlow(request: IncomingMessage, response: ServerResponse): void;
  /** Whether there are credentials in a URL, good or bad. @param text in lower case; may hold more than the URL. */
  isSignedUrl(text: string): boolean;
}

interface Watched {
  readonly server: Server;
  readonly keeper: Keeper;
  readonly face: ConnectionAnswers;
}

const lookEveryMs = 1_000;
const releaseEveryMs = 50;

/**
 * Looks after the connections of both ports. What a client does not read, drips, or sends without waiting costs the client: it waits, or is
 * cut off. Nothing here knows what is asked for.
 */
export class ClientConnections {
  readonly #bounds: Bounds;
  readonly #clock: Clock;
  readonly #addresses: Addresses;
  readonly #turns = new TurnQueue();
  readonly #documents: ByteRates;
  /** The one that was open longest first. */
  readonly #open = new Map<Socket, ClientConnection>();
  /** Those whose address has used up its allowance. */
  readonly #paced = new Set<ClientConnection>();
  #looks = false;
  #lookedMs = 0;
  #releases = false;

  constructor(clock: Clock, bounds: Bounds = defaultBounds) {
    this.#clock = clock;
    this.#bounds = bounds;
    this.#addresses = new Addresses(bounds.anonymousPerSecond);
    this.#documents = new ByteRates(bounds.documentRate);
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** The sender is authenticated as a principal of `tenant`: its connection no longer counts as anonymous. */
  recognise(request: IncomingMessage, tenant: string): void {
    this.#open.get(request.socket)?.recognise(request, tenant);
  }

  /**
   * The body of this request, whose sender was recognised, will be kept whole and taken apart: what that costs grows with its bytes, and so
   * they come no faster than its tenant may bring documents. Resolves when it may be read: not before what came of it already is paid for.
   */
  async readsDocument(request: IncomingMessage): Promise<void> {
    await this.#open.get(request.socket)?.readsDocument(request);
  }

  /** The client that waited for `100 Continue` has been sent it. */
  letBodyCome(request: IncomingMessage): void {
    this.#open.get(request.socket)?.letBodyCome(request);
  }

  /** From now on looks after the connections of `server`, which listens to nothing yet. */
  watch(server: Server, face: ConnectionAnswers): void {
    const keeper: Keeper = {
      bounds: this.#bounds,
      now: () => this.#clock.steady(),
      mayGoOn: (piece) => this.#turns.takePiece(piece),
      spend: (tenant, bytes) => this.#documents.spend(tenant, bytes),
      spendOnChunks: (address, ms) => {
        const nowMs = this.#clock.steady();
        const { chunks } = this.#addresses.at(address, nowMs);
        chunks.spend(ms, nowMs);
        return chunks.waitMs(nowMs);
      },
      after: (ms, run) => void this.#clock.after(ms, run),
      mayBegin: (connection, head) => this.#mayBegin(connection, head, face),
      ended: (connection, wasKnown) => {
        if (!wasKnown) this.#visitor(connection.address).allowance -= 1;
      },
      bringsCredentials: ({ url = "", headers }) =>
        headers.authorization !== undefined ||
        bringsSessionCookie((headers.cookie ?? "").toLowerCase()) ||
        face.isSignedUrl(url.toLowerCase()),
      tooSlow: (request, response) => face.tooSlow(request, response),
    };
    server.on("connection", (socket: Socket) => this.#opened(socket, { server, keeper, face }));
    const took = (request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void =>
      this.#open.get(request.socket)?.took(request, response, awaitsContinue);
    server.prependListener("request", (request, response) => took(request, response, false));
    if (server.listenerCount("checkContinue") > 0) {
      server.prependListener("checkContinue", (request, response) => took(request, response, true));
    }
    // Called when it closes. Node keeps what has not brought a request yet, and what is answered later, and cuts off answers that are not read yet.
    server.closeIdleConnections = () => {
      for (const connection of this.#open.values()) if (connection.server === server) connection.endSoon();
    };
    if (server.timeout === 0) server.timeout = this.#bounds.idleMs;
    server.on("timeout", (socket: Socket) => {
      if (this.#open.get(socket)?.isServed !== true) socket.destroy();
    });
  }

  #visitor(address: string) {
    return this.#addresses.at(address, this.#clock.steady());
  }

  #opened(socket: Socket, { server, keeper, face }: Watched): void {
    // The server's own listener, which parses all that it is handed.
    const [parse] = socket.listeners("data");
    if (parse === undefined) throw new TypeError("the HTTP server does not read its connection");
    socket.off("data", parse as (bytes: Buffer) => void);
    const address = networkOf(socket.remoteAddress);
    if (!this.#isRoomFor(address)) {
      socket.on("data", () => {}).end(face.tooMany);
      socket.destroySoon();
      return;
    }
    const connection = new ClientConnection(socket, {
      address,
      server,
      keeper,
      parse: (bytes) => void parse.call(socket, bytes),
    });
    this.#open.set(socket, connection);
    this.#visitor(address).connections += 1;
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#paced.delete(connection);
      this.#turns.leave(connection);
      this.#turns.leave(connection.piece);
      this.#visitor(address).connections -= 1;
    });
    this.#lookSoon();
  }

  /** When it is full, one on which no caller was ever known and nothing is under way makes room. */
  #isRoomFor(address: string): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#bounds;
    const ofAddress = this.#visitor(address).connections >= maxConnectionsPerAddress;
    if (!ofAddress && this.#open.size < maxConnections) return true;
    for (const connection of this.#open.values()) {
      if (connection.tenant !== undefined || !connection.isIdle || connection.socket.destroyed) continue;
      if (ofAddress && connection.address !== address) continue;
      connection.socket.destroy();
      return true;
    }
    return false;
  }

  #mayBegin(connection: ClientConnection, head: Buffer, face: ConnectionAnswers): boolean {
    const isPaced = this.#bounds.anonymousPerSecond > 0 && this.#visitor(connection.address).allowance < 1;
    // Where known callers and outsiders share an address, as behind a proxy, those who bring credentials do not wait for the others.
    if (isPaced && (connection.wasRefused || !bringsCredentials(head, face))) {
      this.#paced.add(connection);
      this.#releaseSoon();
      return false;
    }
    return this.#turns.take(connection, connection.tenant);
  }

  #releaseSoon(): void {
    if (this.#releases || this.#paced.size === 0) return;
    this.#releases = true;
    this.#clock.after(releaseEveryMs, () => {
      this.#releases = false;
      this.#release();
      this.#releaseSoon();
    });
  }

  #release(): void {
    /** What those that are released now are about to use up. */
    const promised = new Map<string, number>();
    for (const connection of this.#paced) {
      const { address } = connection;
      const released = promised.get(address) ?? 0;
      if (this.#visitor(address).allowance - released < 1) continue;
      promised.set(address, released + 1);
      this.#paced.delete(connection);
      if (this.#turns.take(connection, undefined)) connection.begin();
    }
  }

  #lookSoon(): void {
    if (this.#looks || this.#open.size === 0) return;
    this.#looks = true;
    this.#lookedMs = this.#clock.steady();
    this.#clock.after(lookEveryMs, () => {
      this.#looks = false;
      this.#look();
      this.#lookSoon();
    });
  }

  #look(): void {
    const nowMs = this.#clock.steady();
    const sinceMs = Math.max(0, nowMs - this.#lookedMs);
    let unread = 0;
    for (const connection of this.#open.values()) {
      connection.look(nowMs, sinceMs);
      unread += connection.unreadBytes;
    }
    if (unread > this.#bounds.maxUnreadBytes) this.#giveUp(unread);
    this.#addresses.prune(nowMs);
  }

  /** The largest answers first. */
  #giveUp(unreadBytes: number): void {
    const largestFirst = [...this.#open.values()].toSorted((a, b) => b.unreadBytes - a.unreadBytes);
    let left = unreadBytes;
    for (const connection of largestFirst) {
      if (left <= this.#bounds.maxUnreadBytes) return;
      left -= connection.unreadBytes;
      connection.socket.destroy();
    }
  }
}

/** As far as the first bytes of a request tell. */
function bringsCredentials(head: Buffer, face: ConnectionAnswers): boolean {
  const text = head.toString("latin1").toLowerCase();
  return text.includes("\r\nauthorization:") || bringsSessionCookie(text) || face.isSignedUrl(text);
}
