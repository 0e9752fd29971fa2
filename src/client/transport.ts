import { ApiError, failureOf } from "./failure.ts";

/** One request: its time-outs, its retries, and what comes of it. */

export interface ClientOptions {
  /** Where Signalbox is, with or without a final slash: `https://signalbox.example.com`. */
  readonly url: string;
  /** The bearer token, or what gives it: asked before each attempt, for tokens that end. */
  readonly token: string | (() => string | Promise<string>);
  /** The tenant to act in, for those who may act in several. Absent: their own. */
  readonly tenant?: string;
  /** For how long one attempt may take, in milliseconds. Default 30,000; 0: as long as it takes. */
  readonly timeoutMs?: number;
  /** How often what may be tried again is tried again: 0 to 10, default 3. */
  readonly retries?: number;
  /** In place of the `fetch` of the run time. */
  readonly fetch?: typeof globalThis.fetch;
}

/** Of one call, in place of what the client has. */
export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly tenant?: string;
  readonly timeoutMs?: number;
  readonly retries?: number;
  /** The `etag` of the state that a change is made for: it is refused (`precondition_failed`) when another change came between. */
  readonly ifMatch?: string;
  /** For operations that take one: the same again is done once. Absent: one is made, for the retries of this call. */
  readonly idempotencyKey?: string;
}

export interface Request {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Exclude<RequestInit["body"], null | undefined>;
  /** Whether doing it twice is the same as doing it once. */
  readonly repeatable: boolean;
}

export const defaults = { timeoutMs: 30_000, retries: 3 };
const mostRetries = 10;
/** The first pause, at most; each next is up to twice as long, and no longer than `longestMs`. */
const pause = { firstMs: 250, longestMs: 10_000 };
/** What a server asks for beyond that is the caller's to wait for: see `retryAfterMs` of the error. */
const longestAskedMs = 60_000;

export class Transport {
  readonly #base: string;
  readonly #options: ClientOptions;
  readonly #fetch: typeof globalThis.fetch;

  /** @throws TypeError for options that cannot be meant. */
  constructor(options: ClientOptions) {
    const url = new URL(options.url);
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw new TypeError("url must begin with http: or https:");
    if (url.username !== "" || url.password !== "") throw new TypeError("url must not hold a name or password");
    this.#base = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
    checkNumbers(options);
    this.#options = options;
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  }

  /**
   * What `read` makes of the answer, once it is a success: within the time of the attempt.
   *
   * @throws ApiError when it is none, after the retries that it may have; the signal's reason when that aborts.
   */
  async send<T>(request: Request, options: CallOptions, read: (response: Response) => T | Promise<T>): Promise<T> {
    checkNumbers(options);
    const most = options.retries ?? this.#options.retries ?? defaults.retries;
    for (let tries = 0; ; tries += 1) {
      options.signal?.throwIfAborted();
      try {
        return await this.#attempt(request, options, read);
      } catch (thrown) {
        options.signal?.throwIfAborted();
        if (!(thrown instanceof ApiError) || !request.repeatable || tries >= most || !isPassing(thrown)) throw thrown;
        const askedMs = thrown.retryAfterMs ?? 0;
        if (askedMs > longestAskedMs) throw thrown;
        await sleep(askedMs + pauseFor(tries), options.signal);
      }
    }
  }

  async #attempt<T>(
    { method, path, headers, body }: Request,
    options: CallOptions,
    read: (response: Response) => T | Promise<T>,
  ): Promise<T> {
    const { token, tenant = options.tenant } = { ...this.#options, ...(options.tenant === undefined ? {} : options) };
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs ?? defaults.timeoutMs;
    const bearer = typeof token === "string" ? token : await token();
    const late = new AbortController();
    const timer = timeoutMs === 0 ? undefined : setTimeout(() => late.abort(), timeoutMs);
    try {
      const response = await this.#fetch(this.#base + path, {
        method,
        headers: {
          ...headers,
          authorization: `Bearer ${bearer}`,
          ...(tenant === undefined ? {} : { "x-signalbox-tenant": tenant }),
        },
        ...(body === undefined ? {} : { body }),
        ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
        // The token is for this server and no other.
        redirect: "error",
        signal: options.signal === undefined ? late.signal : AbortSignal.any([late.signal, options.signal]),
      });
      if (response.ok) return await read(response);
      throw failureOf(response, jsonOf(await response.text()));
    } catch (thrown) {
      if (thrown instanceof ApiError) throw thrown;
      options.signal?.throwIfAborted();
      if (late.signal.aborted) {
        throw new ApiError(`no answer in ${timeoutMs} ms`, { code: "timeout", status: 0, cause: thrown });
      }
      const why = thrown instanceof Error ? (thrown.cause instanceof Error ? thrown.cause : thrown).message : "";
      throw new ApiError(`${this.#base} could not be reached: ${why}`, { code: "network", status: 0, cause: thrown });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A random time before the next attempt, after so many, in milliseconds. */
export function pauseFor(tries: number): number {
  return Math.random() * Math.min(pause.longestMs, pause.firstMs * 2 ** tries);
}

/** Whether it may be another the next time. */
export function isPassing({ status, code }: ApiError): boolean {
  if (status === 0 || status === 429 || status === 503) return true;
  // Of a proxy whose server is being replaced; Signalbox's own 502 and 504 tell of what was waited for.
  return code === "unexpected_answer" && (status === 502 || status === 504);
}

function checkNumbers({ timeoutMs, retries }: Pick<ClientOptions, "timeoutMs" | "retries">): void {
  if (timeoutMs !== undefined && !(Number.isInteger(timeoutMs) && timeoutMs >= 0 && timeoutMs < 2 ** 31)) {
    throw new RangeError(`timeoutMs must be a number of milliseconds from 0 to ${2 ** 31 - 1}`);
  }
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0 && retries <= mostRetries)) {
    throw new RangeError(`retries must be 0 to ${mostRetries}`);
  }
}

/** `undefined` for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** @throws the signal's reason when that aborts. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
