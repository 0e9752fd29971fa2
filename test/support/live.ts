import { EventStreamReader } from "../../src/domain/event-stream.ts";
import { until } from "./until.ts";

/** A reader of the live stream, as a program would be one. */

export interface Followed {
  readonly id: string;
  readonly event: string;
  readonly data: Shown;
}

/** What tests look into. */
interface Shown {
  readonly id: string;
  readonly key: string;
  readonly sequence: string;
  readonly scope: string;
  readonly names: { readonly objects?: string };
  readonly data: { readonly size: number };
  readonly status: string;
  readonly rule: string;
  readonly code: string;
  readonly missed: number;
}

export interface Follower extends AsyncDisposable {
  readonly status: number;
  readonly headers: Headers;
  /** All that came. */
  readonly got: readonly Followed[];
  /** Of one kind. */
  readonly of: (event: string) => readonly Followed[];
  /** The id of the last. */
  readonly lastId: () => string;
  readonly isOver: () => boolean;
  /** After how long to come back, as it said. */
  readonly retryMs: () => number | undefined;
  /** Resolves when that many of a kind have come. */
  readonly until: (event: string, count: number) => Promise<void>;
}

interface Following {
  readonly url: string;
  readonly token: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with each. */
  readonly each?: (followed: Followed) => void;
}

export async function follow({ url, token, query = {}, headers = {}, each }: Following): Promise<Follower> {
  const stop = new AbortController();
  const address = `${url}/api/cloud/live/?${new URLSearchParams(query).toString()}`;
  const response = await fetch(address, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: stop.signal,
  });
  const got: Followed[] = [];
  let isOver = false;
  const reader = new EventStreamReader(headers["last-event-id"]);
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of response.body ?? []) {
        for (const { id, event, data } of reader.read(decoder.decode(bytes, { stream: true }))) {
          const followed = { id, event, data: JSON.parse(data) as Shown };
          got.push(followed);
          each?.(followed);
        }
      }
    } catch {
      // Cut off: by this side, or with the server.
    }
    isOver = true;
  };
  const reading = response.ok ? read() : response.text().then(() => undefined);
  const of = (event: string): readonly Followed[] => got.filter((one) => one.event === event);
  return {
    status: response.status,
    headers: response.headers,
    got,
    of,
    lastId: () => got.at(-1)?.id ?? "",
    isOver: () => isOver,
    retryMs: () => reader.retryMs,
    until: (event, count) => until(`${count} of ${event}`, () => of(event).length >= count),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await reading;
    },
  };
}
