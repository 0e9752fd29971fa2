import type { Json } from "../../domain/event.ts";
import type { Uuid } from "../../domain/ids.ts";
import { lifecycleOf } from "../../domain/lifecycle.ts";
import type { Client } from "../client.ts";
import { type Came, follow } from "../follow.ts";
import { liveLine } from "../live-line.ts";
import type { DevOptions } from "./options.ts";
import { catalogType, eventNameOf, type SaidEvent } from "./trial-runs.ts";

/** Events of the server, as they happen, for functions that are not deployed. */

/** One that happened. */
export interface LiveEvent {
  /** For a person. */
  readonly line: string;
  /** As a function of this slug is to get it; `undefined` when it is named after another. */
  for(slug: string): Promise<SaidEvent | undefined>;
}

interface Shown {
  readonly id: string;
  readonly names: Readonly<Partial<Record<"lifecycle" | "notifications" | "objects", string>>>;
  readonly resource: Uuid;
  readonly actor: string | null;
  readonly data: Readonly<Record<string, Json>>;
}

interface Following {
  readonly api: Client;
  readonly options: Pick<DevOptions, "event" | "live">;
  /** For a person: about the connection, and what was left out. */
  readonly note: (text: string) => void;
  readonly stop: AbortSignal;
}

/** Ends when it is stopped. @throws Error as `follow` does. */
export async function* liveEvents({
  api,
  options: { event, live },
  note,
  stop,
}: Following): AsyncGenerator<LiveEvent, void, void> {
  const types = new Map<string, Promise<boolean>>();
  /** Whether there is an event of that name in the catalog. */
  const isType = (name: string): Promise<boolean> => {
    const asked = types.get(name) ?? catalogType(api, name).then((type) => type !== undefined);
    types.set(name, asked);
    asked.catch(() => types.delete(name));
    return asked;
  };
  const query = { ...live, event, topics: "events" };
  for await (const came of follow(api, { query, note, stop })) {
    if (came.event === "gap")
      note(`${String(came.data["missed"])} events were left out: they come faster than they run`);
    if (came.event === "event") yield liveEvent(came, isType);
  }
}

function liveEvent(came: Came, isType: (name: string) => Promise<boolean>): LiveEvent {
  const shown = came.data as unknown as Shown;
  const { id, names, data, resource, actor } = shown;
  const { params, user = null } = lifecycleOf({ id, data, resource, ...(actor === null ? {} : { actor }) });
  const own = [names.lifecycle, names.notifications, names.objects].filter((name) => name !== undefined);
  return {
    line: liveLine(came),
    for: async (slug) => {
      const name = eventNameOf(slug);
      // Hooks are asked before an operation, of which nothing is announced: of what was done, they say what they would have said.
      const done = name.replace(/^PRE_/, "POST_");
      if (own.includes(name) || own.includes(done)) return { event_type: name, params, user };
      return (await isType(name)) ? undefined : { event_type: own[0], params, user };
    },
  };
}
