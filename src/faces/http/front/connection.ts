import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Cutter, fewLines } from "./cutter.ts";
import { freeBytes } from "./free-bytes.ts";
import type { QueuedRequest } from "./turns.ts";

/**
 * One connection of a client: what it has sent and what it has not yet read.
 *
 * Requests that a client sends without waiting for answers (pipelining) are parsed one at a time, each when the answer before has been read
 * and the body before has ended; what comes in meanwhile stays with the system, and so with the client.
 *
 * ```
 * between → (a turn is granted) → head → exchange: under way → answered → between
 *                                                       └→ refused: its body still comes, within bounds
 * ```
 */

/** Pieces that are parsed in one turn of the loop: a client may make them as small as it likes. */
const piecesPerTurn = 64;
/** So long a document is no work to speak of, and comes as fast as its client sends it. */
const shortDocument = 16_384;
/** Line ends in a piece of a chunked body: some dozens of chunks. */
const linesPerPiece = 128;

export interface ConnectionBounds {
  /** A body that is wanted comes at least so fast, in bytes a second; 0: as slowly as it likes. */
  readonly minBodyRate: number;
  /** For so long a body may be slower than that, or silent. */
  readonly patienceMs: number;
  /** Of a body that is not wanted any more, so much is read and dropped before the connection is closed. */
  readonly refusedBodyBytes: number;
  /** And for so long. */
  readonly refusedBodyMs: number;
}

/** What a connection asks of who looks after all of them. */
export interface Keeper {
  readonly bounds: ConnectionBounds;
  now(): number;
  /** True when the next request may be parsed at once; otherwise {@link QueuedRequest.begin} is called when it may. `head`: its first bytes. */
  mayBegin(connection: ClientConnection, head: Buffer): boolean;
  /** True when a piece of a chunked body may be parsed at once; otherwise {@link QueuedRequest.begin} is called when it may. */
  mayGoOn(piece: QueuedRequest): boolean;
  /** `bytes` of a document of `tenant` were parsed. Returns for how many ms no more of it should be. */
  spend(tenant: string, bytes: number): number;
  /** Parsing small chunks that came from `address` took `ms`. Returns for how many ms no more of them should be. */
  spendOnChunks(address: string, ms: number): number;
  /** Calls `run` after `ms`. */
  after(ms: number, run: () => void): void;
  /** An exchange is over. */
  ended(connection: ClientConnection, wasKnown: boolean): void;
  /** Whether credentials came with it, good or bad. */
  bringsCredentials(request: IncomingMessage): boolean;
  /** Its body comes too slowly: answered if it can be. */
  tooSlow(request: IncomingMessage, response: ServerResponse): void;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Of its sender, who has proved who they are. */
  tenant: string | undefined;
  /** The client keeps its body back until it gets `100 Continue`. */
  awaitsContinue: boolean;
  readonly isChunked: boolean;
  /** Its body is kept whole and taken apart. */
  isDocument: boolean;
  /** So many bytes of its body came. */
  bodyBytes: number;
  /** Of them, since the last look. */
  bytes: number;
  patienceMs: number;
  /** Since the answer was sent, while its body still comes. */
  refused?: { readonly sinceMs: number; bytes: number };
}

interface OpenedAt {
  readonly address: string;
  readonly server: Server;
  readonly keeper: Keeper;
  /** Hands bytes to the parser of the server. */
  readonly parse: (bytes: Buffer) => void;
}

export class ClientConnection implements QueuedRequest {
  readonly socket: Socket;
  readonly address: string;
  readonly server: Server;
  /** Of the caller of the last request; `undefined`: not authenticated. */
  tenant: string | undefined;
  /** The last request brought credentials that were refused. */
  wasRefused = false;
  readonly #keeper: Keeper;
  readonly #parse: (bytes: Buffer) => void;
  readonly #cutter = new Cutter();
  readonly #queue: Buffer[] = [];
  #exchange: Exchange | undefined;
  /** The message at hand was granted its turn. */
  #granted = false;
  #asked = false;
  #isLast = false;
  /** Waits to parse more of a chunked body. */
  readonly piece: QueuedRequest;
  #piece: "none" | "waits" | "granted" = "none";
  /** The body at hand comes faster than its tenant may send documents, or its address small chunks. */
  #rests = 0;
  #parsing = false;
  #paused = false;

  constructor(socket: Socket, { address, server, keeper, parse }: OpenedAt) {
    this.socket = socket;
    this.address = address;
    this.server = server;
    this.#keeper = keeper;
    this.#parse = parse;
    this.piece = {
      address,
      begin: () => {
        this.#piece = "granted";
        this.#pump();
      },
    };
    socket.on("data", (bytes: Buffer) => {
      this.#queue.push(bytes);
      this.#pump();
    });
  }

  /** No request is under way: it only waits for its client. */
  get isIdle(): boolean {
    return this.#exchange === undefined;
  }

  /** The client has sent all of its request and read all of the answer so far: the next step is the server's. */
  get isServed(): boolean {
    return this.#exchange?.request.complete === true && this.socket.writableLength === 0;
  }

  /** Bytes of answers that the client has not taken. */
  get unreadBytes(): number {
    return this.socket.writableLength;
  }

  /** A request was parsed. `awaitsContinue`: its client waits for `100 Continue`. */
  took(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void {
    const { headers } = request;
    const length = headers["transfer-encoding"] === undefined ? Number(headers["content-length"] ?? 0) : 0;
    this.#cutter.expectBody(Number.isSafeInteger(length) ? length : 0);
    const { patienceMs } = this.#keeper.bounds;
    const isChunked = headers["transfer-encoding"] !== undefined;
    const known = { tenant: undefined, isDocument: false, bodyBytes: 0, bytes: 0 };
    const exchange: Exchange = { request, response, ...known, awaitsContinue, isChunked, patienceMs };
    this.#exchange = exchange;
    if (this.#isLast) this.endSoon();
    response.once("close", () => this.#answered(exchange));
  }

  /** The sender of the request at hand is authenticated, as a principal of `tenant`. */
  recognise(request: IncomingMessage, tenant: string): void {
    if (this.#exchange?.request === request) this.#exchange.tenant = tenant;
  }

  /** The body of the request at hand is a document, whose tenant is known. Resolves when what came of it so far may be read. */
  readsDocument(request: IncomingMessage): Promise<void> {
    const exchange = this.#exchange;
    if (exchange?.request !== request) return Promise.resolve();
    exchange.isDocument = true;
    // A body that came together with its head was parsed before its sender was known.
    return this.#pay(exchange, 0);
  }

  /** The client was sent `100 Continue`. */
  letBodyCome(request: IncomingMessage): void {
    if (this.#exchange?.request === request) this.#exchange.awaitsContinue = false;
  }

  /** It is kept no longer than until what its client has asked for so far is answered. */
  endSoon(): void {
    this.#isLast = true;
    if (this.#exchange !== undefined) this.#exchange.response.shouldKeepAlive = false;
    else if (!this.#granted && this.#queue.length === 0) this.socket.destroySoon();
  }

  begin(): void {
    this.#granted = true;
    this.#asked = false;
    this.#pump();
  }

  /** Looked at about once a second: ends what is slower than it may be. */
  look(nowMs: number, sinceMs: number): void {
    const exchange = this.#exchange;
    if (exchange === undefined || exchange.request.complete) return;
    const { bytes, refused, request, response } = exchange;
    const { minBodyRate, patienceMs, refusedBodyMs } = this.#keeper.bounds;
    if (refused !== undefined) {
      if (nowMs - refused.sinceMs >= refusedBodyMs) this.socket.destroy();
      return;
    }
    exchange.bytes = 0;
    // While the server does not read, or has not asked for the body, it is not the client who is slow.
    const isWanted =
      !exchange.awaitsContinue && this.#rests === 0 && request.readableLength < request.readableHighWaterMark;
    if (!isWanted || minBodyRate === 0) return;
    exchange.patienceMs = Math.min(patienceMs, exchange.patienceMs - sinceMs + (bytes * 1_000) / minBodyRate);
    if (exchange.patienceMs > 0) return;
    if (response.headersSent) {
      this.socket.destroy();
      return;
    }
    // An answered request gets no event when its connection closes, and the reader of its body would wait for ever.
    response.once("close", () => request.destroy());
    this.#keeper.tooSlow(request, response);
  }

  #answered(exchange: Exchange): void {
    if (exchange.request.complete || this.socket.destroyed) this.#end(exchange);
    else exchange.refused = { sinceMs: this.#keeper.now(), bytes: 0 };
    this.#pump();
  }

  #end(exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    this.#granted = false;
    this.tenant = exchange.tenant;
    this.wasRefused = exchange.tenant === undefined && this.#keeper.bringsCredentials(exchange.request);
    this.#keeper.ended(this, exchange.tenant !== undefined);
    // Where the head of the answer had promised to keep it.
    if (this.#isLast) this.socket.destroySoon();
  }

  /** Hands on as much as may be parsed now. */
  #pump(): void {
    // What is parsed may end an exchange, and so come back here.
    if (this.#parsing) return;
    this.#parsing = true;
    for (let pieces = 0; this.#queue.length > 0 && this.#mayGoOn(); pieces += 1) {
      if (pieces === piecesPerTurn) {
        setImmediate(() => this.#pump());
        break;
      }
      this.#parsePiece();
    }
    this.#parsing = false;
    if (this.#queue.length > 0) {
      this.#paused = true;
      this.socket.pause();
    } else if (this.#paused) {
      this.#paused = false;
      this.socket.resume();
    }
  }

  #mayGoOn(): boolean {
    if (!this.socket.writable) {
      // The last answer is on its way, and the connection closes behind it.
      this.#queue.length = 0;
      return false;
    }
    if (this.#exchange !== undefined) return !this.#exchange.request.complete && this.#mayParseBody(this.#exchange);
    if (this.#granted) return true;
    if (this.#asked) return false;
    this.#granted = this.#keeper.mayBegin(this, this.#queue[0] ?? Buffer.alloc(0));
    this.#asked = !this.#granted;
    return this.#granted;
  }

  #mayParseBody({ isChunked }: Exchange): boolean {
    if (this.#rests > 0) return false;
    if (!isChunked || this.#piece === "granted") return true;
    if (this.#piece === "waits") return false;
    this.#piece = this.#keeper.mayGoOn(this.piece) ? "granted" : "waits";
    return this.#piece === "granted";
  }

  #parsePiece(): void {
    const bytes = this.#queue[0];
    if (bytes === undefined) return;
    this.#piece = "none";
    const isChunked = this.#exchange?.isChunked === true;
    const piece = isChunked ? fewLines(bytes, linesPerPiece) : bytes;
    const isInSmallChunks = piece.length < bytes.length;
    const length = this.#cutter.cut(piece);
    if (length === bytes.length) this.#queue.shift();
    else this.#queue[0] = bytes.subarray(length);
    const before = this.#exchange;
    const sinceMs = performance.now();
    this.#parse(length === bytes.length ? bytes : bytes.subarray(0, length));
    if (isInSmallChunks) void this.#rest(this.#keeper.spendOnChunks(this.address, performance.now() - sinceMs));
    const exchange = this.#exchange;
    // The bytes of its own head are no body.
    if (exchange === undefined || exchange !== before) return;
    if (length === bytes.length) freeBytes(bytes);
    const alreadyBytes = exchange.bodyBytes;
    exchange.bytes += length;
    exchange.bodyBytes += length;
    void this.#pay(exchange, alreadyBytes);
    if (exchange.refused === undefined) return;
    exchange.refused.bytes += length;
    if (exchange.request.complete) this.#end(exchange);
    else if (exchange.refused.bytes > this.#keeper.bounds.refusedBodyBytes) this.socket.destroy();
  }

  /** Resolves when its tenant may bring more. @param paidBytes of its body, how many were taken into account before. */
  async #pay({ tenant, isDocument, bodyBytes }: Exchange, paidBytes: number): Promise<void> {
    if (tenant === undefined || !isDocument || bodyBytes <= shortDocument) return;
    await this.#rest(this.#keeper.spend(tenant, bodyBytes - Math.max(paidBytes, shortDocument)));
  }

  /** Parses no more of the body for so long. */
  async #rest(ms: number): Promise<void> {
    if (ms === 0) return;
    this.#rests += 1;
    await new Promise<void>((resolve) => this.#keeper.after(ms, resolve));
    this.#rests -= 1;
    this.#pump();
  }
}
