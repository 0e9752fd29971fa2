import type { Dispatcher } from "undici";

/** One request to a process, on undici's `dispatch`. */
interface GuestRequest {
  readonly path: "/ping" | "/load" | "/run";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `false`: the rest need not come, and the connection is closed. */
  readonly onChunk?: (chunk: Buffer) => boolean;
  /** Closes the connection, by which workerd cancels what it does for it. */
  readonly signal?: AbortSignal;
}

/** `lost`: the connection broke, or workerd gave an error of its own. */
type GuestExchangeEnd = "answered" | "enough" | "lost" | "stopped";

export function exchangeWithGuest(dispatcher: Dispatcher, what: GuestRequest): Promise<GuestExchangeEnd> {
  return new Promise((resolve) => void new Exchange(dispatcher, what, resolve));
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #onChunk: GuestRequest["onChunk"];
  readonly #signal: AbortSignal | undefined;
  readonly #resolve: (asked: GuestExchangeEnd) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;

  constructor(
    dispatcher: Dispatcher,
    { path, headers, body, onChunk, signal }: GuestRequest,
    resolve: (asked: GuestExchangeEnd) => void,
  ) {
    this.#onChunk = onChunk;
    this.#signal = signal;
    this.#resolve = resolve;
    if (signal?.aborted === true) {
      this.#settle("stopped");
      return;
    }
    signal?.addEventListener("abort", this.#stop, { once: true });
    const method = body === undefined ? "GET" : "POST";
    dispatcher.dispatch({ path, method, headers: headers ?? {}, body: body ?? null }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) this.#close();
  }

  onResponseStart(_controller: unknown, status: number): void {
    if (status !== 200) this.#settle("lost");
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.#settled || this.#onChunk === undefined || this.#onChunk(chunk)) return;
    this.#settle("enough");
  }

  onResponseEnd(): void {
    this.#settle("answered");
  }

  onResponseError(): void {
    this.#settle("lost");
  }

  readonly #stop = (): void => this.#settle("stopped");

  #settle(asked: GuestExchangeEnd): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#signal?.removeEventListener("abort", this.#stop);
    if (asked !== "answered") this.#close();
    this.#resolve(asked);
  }

  #close(): void {
    this.#controller?.abort(new Error("no longer wanted"));
  }
}
