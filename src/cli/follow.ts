import { setTimeout as pause } from "node:timers/promises";
import { EventStreamReader } from "../domain/event-stream.ts";
import { asError } from "../errors.ts";
import { type Client, RefusedRequest } from "./client.ts";
import { type Given, type Option, pickTexts } from "./command.ts";

/** The live stream, as the command line follows it: for ever, and on where it was cut. */

/** One thing that came. */
export interface Came {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export const narrowingLive: Readonly<Record<string, Option>> = {
  where: { value: "query", about: "A filter, such as WHERE key LIKE 'images/%'" },
  face: { value: "face", about: "objects, notifications or lifecycle; of the filter objects by default" },
  event: { value: "name", about: "Only events of this name" },
  bucket: { value: "name", about: "Only what happens in it" },
  resource: { value: "uuid", about: "Only what happens to it, and in it" },
};

export function liveQuery(given: Given): Readonly<Record<string, string | undefined>> {
  return pickTexts(given, Object.keys(narrowingLive));
}

interface Following {
  readonly query: Readonly<Record<string, string | undefined>>;
  /** For a person, about the connection. */
  readonly note: (text: string) => void;
  /** Ends it when it aborts. */
  readonly stop?: AbortSignal;
}

const firstWaitMs = 500;
const longestWaitMs = 10_000;
/** Why a stream ended that is not opened again. */
const final: ReadonlySet<unknown> = new Set(["unauthenticated", "forbidden", "not_found"]);

/**
 * Ends where the query says that it does, and when it is stopped. A server that is away is waited for, once the stream was open.
 *
 * @throws Error when it cannot be opened at first, and when one may follow no more.
 */
export async function* follow(api: Client, { query, note, stop }: Following): AsyncGenerator<Came, void, void> {
  let { cursor } = query;
  let isLost = false;
  for (let waitMs = firstWaitMs, isFirst = true; ; isFirst = false) {
    try {
      for await (const came of opened(api, { ...query, cursor })) {
        if (isLost) note("connected again: nothing was lost");
        isLost = false;
        waitMs = firstWaitMs;
        cursor = came.id || cursor;
        if (came.event !== "end") yield came;
        else if (came.data["code"] === "done") return;
        else if (final.has(came.data["code"])) throw new RefusedRequest(String(came.data["message"]));
      }
    } catch (thrown) {
      if (stop?.aborted === true) return;
      if (thrown instanceof RefusedRequest || (isFirst && cursor === query["cursor"])) throw thrown;
      if (!isLost) note(`the connection was lost (${asError(thrown).message}): trying again`);
      isLost = true;
    }
    await pause(waitMs, undefined, stop === undefined ? {} : { signal: stop }).catch(() => {});
    if (stop?.aborted === true) return;
    waitMs = Math.min(longestWaitMs, waitMs * 2);
  }
}

async function* opened(
  api: Client,
  query: Readonly<Record<string, string | undefined>>,
): AsyncGenerator<Came, void, void> {
  const reader = new EventStreamReader();
  const decoder = new TextDecoder();
  for await (const bytes of await api.stream({ method: "GET", path: "/api/cloud/live/", query })) {
    for (const { id, event, data } of reader.read(decoder.decode(bytes, { stream: true }))) {
      yield { id, event, data: JSON.parse(data) as Came["data"] };
    }
  }
}
