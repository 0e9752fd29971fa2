import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Clock } from "../../clock.ts";
import { keepAliveRestBytes, maxDrainBytes, maxDrainMs } from "./limits.ts";

/** What is sent back. */
export interface S3Answer {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  /** A document, or as many bytes as `content-length` says. */
  readonly body?: string | Readable;
}

interface ExchangeOptions {
  readonly clock: Clock;
  /** The client waits for `100 Continue`. */
  readonly awaitsContinue: boolean;
  /** Called when it was sent that. */
  readonly bodyComes: () => void;
}

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
    const bytes = Buffer.from(options.clock.bytes(32));
    this.requestId = bytes.toString("hex", 0, 8).toUpperCase();
    this.hostId = bytes.toString("base64", 8);
    // A client that goes away is met where its body is read or its answer written; here it must only not end the process.
    request.on("error", () => {});
    response.on("error", () => {});
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

  /** Rejects when the bytes of the answer break off; the connection is closed then. */
  async send({ status, headers = {}, body }: S3Answer): Promise<void> {
    const { response } = this;
    if (response.headersSent || this.gone) {
      if (typeof body === "object") body.destroy();
      if (response.headersSent) response.destroy();
      return;
    }
    const rest = this.#rest();
    if (rest === "much") response.setHeader("connection", "close");
    // Behind the length Node reads this header as UTF-8 and cuts each character to a byte: U+010D becomes a CR, U+010A a LF.
    const disposition = headers["content-disposition"];
    if (disposition !== undefined) response.setHeader("content-disposition", disposition);
    response.setHeader("x-amz-request-id", this.requestId);
    response.setHeader("x-amz-id-2", this.hostId);
    if (typeof body === "string") response.setHeader("content-length", Buffer.byteLength(body));
    response.writeHead(status, headers);
    if (typeof body === "object") await pipeline(body, response);
    else if (rest === "much") await this.#sendBeforeBody(body);
    else response.end(body);
    // What is not read would hold up the next request on this connection.
    if (rest !== "none") this.request.resume();
  }

  /**
   * The client is still sending a body that is not wanted. Closing now would reset the connection, and the client might lose
   * the answer: so it is written whole, and what still comes is dropped, up to a limit.
   */
  async #sendBeforeBody(body: string | undefined): Promise<void> {
    if (body !== undefined && body !== "" && this.request.method !== "HEAD") this.response.write(body);
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
