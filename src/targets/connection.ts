import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";
import { AnswerParser, type AnswerReader } from "./answer-parser.ts";
import type { Connecting, Connector, ConnectStep, Endpoint } from "./connector.ts";
import { ClosedEarly, codeOf, EgressFailure } from "./failure.ts";

/** What the connection reports to its holder. */
export interface Holder extends AnswerReader {
  /** Here is one, which is its own until it is released or disposed of. */
  given(connection: Connection): void;
  /** It ended before the answer did. */
  lost(error: Error): void;
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

/** Where it belongs to. */
interface Owner {
  readonly connector: Connector;
  /** Calls {@link Connection.write} when this turn of the loop has seen what the other side did. */
  writeSoon(connection: Connection): void;
  dispose(connection: Connection): void;
}

/** HTTP/1.1 on a socket, one request at a time. */
export class Connection implements Connecting {
  readonly origin: Origin;
  /** The open socket, or the one that is being opened. */
  socket: Socket | undefined;
  /** Answers that came over it. */
  served = 0;
  holder: Holder | undefined;
  cancelled = false;
  /** The request was written, as far as we know. */
  sent = false;
  /** Something came back since then. */
  heard = false;
  /** As long as it is unproven: forgets when it will not be called that any more. */
  proven: (() => void) | undefined;
  opening: Opening = {};
  /** By the machine's own time: as long as the server keeps it, or as we do. */
  #unusedUntilMs = 0;
  readonly #owner: Owner;
  readonly #clock: Clock;
  readonly #parser = new AnswerParser();
  #steppedMs = 0;
  #request: Buffer | undefined;
  #over = false;

  constructor(origin: Origin, owner: Owner, clock: Clock) {
    this.origin = origin;
    this.#owner = owner;
    this.#clock = clock;
  }

  /** Sends a request of its holder, who gets the answer. */
  send(request: Buffer): void {
    this.#request = request;
    this.sent = false;
    this.heard = false;
    if (this.socket !== undefined) {
      this.socket.ref();
      return this.#owner.writeSoon(this);
    }
    this.#steppedMs = this.#clock.steady();
    this.#owner.connector.open(this.origin.endpoint, this);
  }

  /** Writes what there is to be sent, unless the connection ended meanwhile. */
  write(): void {
    const { socket, holder } = this;
    const request = this.#request;
    if (request === undefined || holder === undefined || socket === undefined || socket.destroyed || this.#over) return;
    this.#request = undefined;
    this.sent = true;
    this.#parser.expect(holder);
    socket.write(request);
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
    if (error !== null || socket === undefined) {
      this.#over = true;
      this.holder?.broken(error ?? new EgressFailure("connection", "no connection"));
      return;
    }
    socket.on("end", () => this.#ended(new ClosedEarly()));
    socket.on("error", (failure) => (codeOf(failure) === "ECONNRESET" ? this.#ended(failure) : this.#lost(failure)));
    socket.on("close", () => this.#lost(new ClosedEarly()));
    this.write();
  }

  received(bytes: Buffer): void {
    if (this.#over) return;
    this.heard = true;
    if (!this.#parser.read(bytes)) this.#lost(new EgressFailure("invalid_response", "answered out of turn"));
  }

  /** It is unused from now on, for so long; it keeps no process alive. */
  rest(ms: number): void {
    this.holder = undefined;
    this.served += 1;
    this.#unusedUntilMs = performance.now() + ms;
    this.socket?.unref();
  }

  isTooOld(nowMs: number): boolean {
    return nowMs >= this.#unusedUntilMs;
  }

  /** Closes it at once. What it was doing does not matter any more. */
  close(): void {
    this.#over = true;
    this.cancelled = true;
    this.#request = undefined;
    this.#parser.stop();
    this.socket?.destroy();
  }

  /** The other side says no more, which some answers end with. */
  #ended(error: Error): void {
    if (!this.#over && !this.#parser.end()) this.#lost(error);
  }

  #lost(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    if (this.holder === undefined) this.#owner.dispose(this);
    else this.holder.lost(error);
  }
}
