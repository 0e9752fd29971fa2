import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Clock } from "../../clock.ts";
import { keepAliveRestBytes, maxDrainBytes, maxDrainMs } from "./limits.ts";
import type { RequestId } from "./request-ids.ts";

/** What is sent back. */
export interface S3Answer {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  /** A document, or as many bytes as `content-length` says. */
  readonly body?: string | Buffer | Readable;
}

interface ExchangeOptions {
  readonly clock: Clock;
  readonly id: RequestId;
  /** The client waits for `100 Continue`. */
  readonly awaitsContinue: boolean;
  /** Called when it was sent that. */
  readonly bodyComes: () => void;
}

const ignored = (): void => {};

/** A request and its answer on the wire. */
export class S3Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Names this exchange in answers and logs. */
  readonly requestId: string;
  readonly hostId: string;
  readonly #clock: Clock;
  readonly #bodyComes: () => void;
  /** The client holds its body back until it gets `100 Continue`. */
  #awaitsContinue: boolean;
  #whenGone: AbortSignal | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, options: ExchangeOptions) {
    this.request = request;
    this.response = response;
    this.#clock = options.clock;
    this.#awaitsContinue = options.awaitsContinue;
    this.#bodyComes = options.bodyComes;
    this.requestId = options.id.requestId;
    this.hostId = options.id.hostId;
    // A client that goes away is met where its body is read or its answer written; here it must only not end the process.
    request.on("error", ignored);
    response.on("error", ignored);
  }

  /**
   * Lets a client that waits for `100 Continue` send its body. Called once everything that needs no body is judged: until
   * then a refusal costs the client nothing.
   */
  letBodyCome(): void {
    if (!this.#awaitsContinue) return;
    this.#awaitsContinue = false;
    this.response.writeContinue();
    this.#bodyComes();
  }

  /** Whether the client went away before it was answered. */
  get gone(): boolean {
    return this.response.destroyed || this.request.socket.destroyed;
  }

  /** Aborts when the client goes away before it was answered. */
  get whenGone(): AbortSignal {
    this.#whenGone ??= this.#watch();
    return this.#whenGone;
  }

  #watch(): AbortSignal {
    if (this.gone) return AbortSignal.abort();
    const controller = new AbortController();
    const { socket } = this.request;
    const leave = (): void => controller.abort();
    socket.once("close", leave);
    // The connection goes on to serve other requests.
    this.response.once("close", () => socket.off("close", leave));
    return controller.signal;
  }

  /**
   * Rejects when the bytes of the answer break off; the connection is closed then.
   *
   * @param early headers that stand before those of the answer.
   */
  async send({ status, headers = {}, body }: S3Answer, early: OutgoingHttpHeaders = {}): Promise<void> {
    const { response } = this;
    if (response.headersSent || this.gone) {
      if (body instanceof Readable) body.destroy();
      if (response.headersSent) response.destroy();
      return;
    }
    const rest = this.#rest();
    const lines = { ...early };
    if (rest === "much") lines["connection"] = "close";
    // Behind the length Node reads this header as UTF-8 and cuts each character to a byte: U+010D becomes a CR, U+010A a LF.
    const disposition = headers["content-disposition"];
    if (disposition !== undefined) lines["content-disposition"] = disposition;
    lines["x-amz-request-id"] = this.requestId;
    lines["x-amz-id-2"] = this.hostId;
    if (typeof body === "string") lines["content-length"] = Buffer.byteLength(body);
    // All at once, as Node takes headers that are set one by one apart again.
    response.writeHead(status, Object.assign(lines, headers));
    if (body instanceof Readable) await pipeline(body, response);
    else if (rest === "much") await this.#sendBeforeBody(body);
    else response.end(body);
    // What is not read would hold up the next request on this connection.
    if (rest !== "none") this.request.resume();
  }

  /**
   * The client is still sending a body that is not wanted. Closing now would reset the connection, and the client might lose
   * the answer: so it is written whole, and what still comes is dropped, up to a limit.
   */
  async #sendBeforeBody(body: string | Buffer | undefined): Promise<void> {
    if (body !== undefined && body.length > 0 && this.request.method !== "HEAD") this.response.write(body);
    else this.response.flushHeaders();
    if (!this.#awaitsContinue) await this.#drain();
    this.response.end();
  }

  /** How much of the request's body is still to come. */
  #rest(): "none" | "little" | "much" {
    const { request } = this;
    const { "content-length": length, "transfer-encoding": encoding } = request.headers;
    const declared = Number(length ?? (encoding === undefined ? 0 : Number.POSITIVE_INFINITY));
    if (request.complete || declared === 0) return "none";
    return !this.#awaitsContinue && declared <= keepAliveRestBytes ? "little" : "much";
  }

  #drain(): Promise<void> {
    const { request } = this;
    return new Promise((resolve) => {
      let dropped = 0;
      const count = (chunk: Buffer): void => {
        dropped += chunk.length;
        if (dropped > maxDrainBytes) finish();
      };
      const finish = (): void => {
        cancel();
        request.off("data", count).off("end", finish).off("close", finish);
        resolve();
      };
      const cancel = this.#clock.after(maxDrainMs, finish);
      if (request.destroyed || request.complete) return finish();
      request.on("data", count).once("end", finish).once("close", finish);
      request.resume();
    });
  }
}
