import { EventStreamReader } from "../../domain/event-stream.ts";
import { base, tenantChosen } from "./client.ts";

/** One stream of what happens, from the server to this tab; it comes back by itself, on where it was cut. */

/** Something that came: `event` is `event`, `delivery`, `invocation`, `redrive` or `gap`. */
export interface News {
  readonly event: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type LiveQuery = Readonly<Record<string, string>>;

interface Streaming {
  readonly query: LiveQuery;
  /** Where to go on. */
  readonly cursor: string | undefined;
  /** Called with all that came together. */
  readonly onNews: (news: readonly News[]) => void;
  readonly onState: (isConnected: boolean, problem?: string) => void;
  readonly signal: AbortSignal;
}

const firstWaitMs = 500;
const longestWaitMs = 10_000;

/** Resolves when `signal` aborts, when the query says where to end and it has, or when it is refused. */
export async function streamNews({ query, cursor, onNews, onState, signal }: Streaming): Promise<void> {
  let last = cursor;
  for (let waitMs = firstWaitMs; !signal.aborted; waitMs = Math.min(longestWaitMs, waitMs * 2)) {
    const response = await opened(query, last, signal);
    if (response?.ok === true && response.body !== null) {
      onState(true);
      waitMs = firstWaitMs;
      const reader = new EventStreamReader(last);
      const bytes = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await read(bytes); piece !== undefined; piece = await read(bytes)) {
        const news = reader
          .read(piece)
          .map(({ data, ...rest }) => ({ ...rest, data: JSON.parse(data) as News["data"] }));
        last = news.at(-1)?.id || last;
        if (news.length > 0 && !signal.aborted) onNews(news);
        if (news.some(({ event, data }) => event === "end" && data["code"] === "done")) return;
      }
    } else if (response !== undefined && response.status < 500 && response.status !== 429) {
      const { message } = (await response.json().catch(() => ({}))) as { readonly message?: string };
      onState(false, message ?? `answered ${response.status}`);
      return;
    }
    if (signal.aborted) return;
    onState(false);
    await rest(waitMs, signal);
  }
}

async function opened(
  query: LiveQuery,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const tenant = tenantChosen();
  const address = `${base}/api/cloud/live/?${new URLSearchParams(query).toString()}`;
  const headers = {
    accept: "text/event-stream",
    ...(cursor === undefined ? {} : { "last-event-id": cursor }),
    ...(tenant === undefined ? {} : { "x-signalbox-tenant": tenant }),
  };
  return fetch(address, { headers, signal, cache: "no-store" }).catch(() => undefined);
}

async function read(bytes: ReadableStreamDefaultReader<string>): Promise<string | undefined> {
  return (await bytes.read().catch(() => ({ value: undefined }))).value;
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
