import { EventStreamReader } from "../domain/event-stream.ts";
import { ApiError } from "./failure.ts";
import type { Delivery, Invocation, Operations, Redrive } from "./operations.ts";
import { type CallOptions, isPassing, pauseFor, sleep } from "./transport.ts";

/** The live stream: for ever, and on where it was cut. */

/** Which part of what happens is followed. */
export type FollowQuery = Operations["follow"]["query"];

/** An event, as the live stream shows it. */
export interface FollowedEvent {
  readonly id: string;
  readonly sequence: string;
  readonly time: string;
  /** By face: `objects`, `notifications`, `lifecycle`. */
  readonly names: Readonly<Record<string, string>>;
  readonly resource: string;
  readonly scope: string | null;
  readonly bucket: string | null;
  readonly key: string | null;
  readonly actor: string | null;
  /** When it was asked for: what a webhook gets of it; null of an event that has no name on the face. */
  readonly payload?: { readonly id: string; readonly body: string } | null;
  readonly origin: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface FollowedData {
  /** The stream is open, at first and after each interruption. */
  readonly open: { readonly topics: readonly string[] };
  readonly event: FollowedEvent;
  readonly delivery: Delivery;
  readonly invocation: Invocation;
  readonly redrive: Redrive;
  /** So much was left out here; a stream from `cursor` to `until` gives it. */
  readonly gap: {
    readonly missed: number;
    readonly exact: boolean;
    readonly cursor: string;
    readonly until: string;
  };
}

/** One thing that came. `id` is where to go on behind it: the `cursor` of another stream. */
export type Followed = {
  readonly [Name in keyof FollowedData]: {
    readonly event: Name;
    readonly id: string;
    readonly data: FollowedData[Name];
  };
}[keyof FollowedData];

/** Opens the stream. */
type Open = (query: FollowQuery, options: CallOptions) => Promise<Response>;

/** The server says something every 15 s: a connection that is silent for as long as this is lost. */
const longestSilenceMs = 45_000;

/** @throws ApiError when it cannot be opened at first, or is refused; the signal's reason when that aborts. */
export async function* following(
  open: Open,
  query: FollowQuery,
  options: CallOptions,
): AsyncGenerator<Followed, void, undefined> {
  let cursor = query.cursor;
  let wasOpen = false;
  for (let tries = 0; ; tries += 1) {
    let askedMs = 0;
    try {
      for await (const { id, event, data, retryMs } of opened(open, { ...query, cursor }, options)) {
        wasOpen = true;
        askedMs = retryMs;
        cursor = id === "" ? cursor : id;
        if (event === "end" && data["code"] === "done") return;
        if (event === "end" || event === "beat") continue;
        if (event !== "open") tries = 0;
        yield { id, event, data } as unknown as Followed;
      }
    } catch (thrown) {
      options.signal?.throwIfAborted();
      if (!wasOpen || !(thrown instanceof ApiError) || !isPassing(thrown)) throw thrown;
      askedMs = thrown.retryAfterMs ?? 0;
    }
    await sleep(askedMs + pauseFor(tries), options.signal);
  }
}

interface Came {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly retryMs: number;
}

/** One connection, until it ends. */
async function* opened(open: Open, query: FollowQuery, options: CallOptions): AsyncGenerator<Came, void, undefined> {
  const gone = new AbortController();
  const signal = options.signal === undefined ? gone.signal : AbortSignal.any([gone.signal, options.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const response = await open(query, { ...options, signal });
    const { status, headers, body } = response;
    if (body === null || !(headers.get("content-type") ?? "").startsWith("text/event-stream")) {
      throw new ApiError("the answer is no stream of events", { code: "unexpected_answer", status });
    }
    const events = new EventStreamReader(query.cursor);
    const decoder = new TextDecoder();
    const bytes = body.getReader();
    for (;;) {
      timer = setTimeout(() => gone.abort(), longestSilenceMs);
      const { done, value } = await bytes.read().catch((thrown: unknown) => {
        throw new ApiError("the stream was cut", { code: "network", status: 0, cause: thrown });
      });
      clearTimeout(timer);
      if (done) return;
      for (const { id, event, data } of events.read(decoder.decode(value, { stream: true }))) {
        yield { id, event, data: JSON.parse(data) as Came["data"], retryMs: events.retryMs ?? 0 };
      }
    }
  } finally {
    clearTimeout(timer);
    gone.abort();
  }
}
