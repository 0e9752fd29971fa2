import { type Clock, sleep } from "../../clock.ts";
import type { Principal } from "../../domain/access.ts";
import type { Event } from "../../domain/event.ts";

import { SignalboxError } from "../../errors.ts";
import type { Slices } from "../../pace/slices.ts";
import { inTurn } from "../../platform/search.ts";
import type { NumberedItem } from "../../store/news.ts";
import type { Store } from "../../store/store.ts";
import { given, type LiveAudience, wantsAnyNews, wantsNews } from "./audience.ts";
import type { LiveCursors } from "./cursors.ts";
import type { LiveItem, LivePlace } from "./item.ts";
import { loadItem, newestPlace } from "./load.ts";
import type { LiveReader } from "./reader.ts";
import type { FollowingShare } from "./share.ts";
import type { LiveSight } from "./sight.ts";
import type { LiveTail } from "./tail.ts";

/** Items that are looked at together. */
const pageItems = 50;
/** Where there was nothing new, it looks again after this. */
const againMs = 100;
/** Pages without an end that a reader is brought through; then it gets the number of what it misses. */
const mostPages = 200;

export interface PumpDeps {
  readonly store: Store;
  readonly slices: Slices;
  readonly clock: Clock;
  readonly cursors: LiveCursors;
  readonly share: FollowingShare;
  readonly tail: LiveTail;
  /** How many there are: they share what may be taken. */
  readonly pumps: () => number;
}

interface Pumped {
  readonly reader: LiveReader;
  readonly caller: Principal;
  readonly audience: LiveAudience;
  readonly sight: LiveSight;
  /** Where it is to end. */
  readonly until?: LivePlace;
}

/**
 * Gives one reader what happened from its place on, at its own pace, out of the store: one that comes back, until it is where the shared tail is;
 * one that does not see everything, or whose filter costs something, for as long as it follows. A page at a time, in turns and at the cost of
 * its tenant, and only as fast as the reader takes it. Resolves when the tail has it, or it has ended.
 */
export async function pump(deps: PumpDeps, pumped: Pumped): Promise<void> {
  const { clock, share, tail } = deps;
  const { reader, audience, sight, until, caller } = pumped;
  const mayJoin = until === undefined && sight.isWhole && audience.wanted.isQuick;
  let pages = 0;
  while (!reader.isEnded) {
    const bound = until ?? (mayJoin ? await tail.place() : await newestPlace(deps.store));
    if (mayJoin && tail.join(reader, caller.tenant, audience)) return;
    const sinceMs = performance.now();
    const before = reader.place;
    try {
      await (pages < mostPages ? page(deps, pumped, bound) : passOver(deps, pumped, bound));
    } catch (thrown) {
      // Its tenant brings more work than there are turns for: it goes on from where it is.
      if (!(thrown instanceof SignalboxError) || thrown.code !== "too_many_requests") throw thrown;
    }
    await reader.room();
    const isStill = reader.place.events === before.events && reader.place.news === before.news;
    if (until !== undefined && reader.place.events >= until.events && reader.place.news >= until.news) return;
    pages = isStill ? 0 : pages + 1;
    const spentMs = performance.now() - sinceMs;
    const restMs = isStill ? againMs : Math.min(1_000, (spentMs * deps.pumps()) / share.now() - spentMs);
    if (restMs >= 1) await sleep(clock, restMs);
  }
}

/** @param most up to where to look. */
async function page(deps: PumpDeps, pumped: Pumped, most: LivePlace): Promise<void> {
  const { store } = deps;
  const { reader, caller, audience } = pumped;
  const tenants = new Set([caller.tenant]);
  const from = reader.place;
  const cursor = deps.cursors.from(caller.tenant, from);
  if (from.events < most.events) {
    const { events, upTo } = await inTurn(deps, caller.tenant, () =>
      store.news.eventsAfter(from.events, { tenants, max: pageItems }),
    );
    for (const event of events) {
      if (event.sequence > most.events) break;
      if (audience.topics.has("events"))
        await offer(deps, pumped, { item: eventItem(event), at: event.sequence, cursor });
    }
    reader.passed({ ...reader.place, events: Math.max(from.events, Math.min(upTo, most.events)) });
  }
  if (from.news >= most.news) return;
  if (!wantsAnyNews(audience)) {
    reader.passed({ ...reader.place, news: Math.max(from.news, Math.min(await store.news.newestNews(), most.news)) });
    return;
  }
  const { items, upTo, lost } = await inTurn(deps, caller.tenant, () =>
    store.news.newsAfter(from.news, { tenants, max: pageItems }),
  );
  if (lost > 0) reader.leftOut(lost, reader.place, false);
  const looked = items.slice(0, pageItems);
  for (const numbered of looked) {
    if (numbered.at > most.news) break;
    await offerNews(deps, pumped, { numbered, cursor });
  }
  const done = looked.length < items.length ? (looked.at(-1)?.at ?? upTo) : upTo;
  reader.passed({ ...reader.place, news: Math.max(from.news, Math.min(done, most.news)) });
}

function eventItem(event: Event): LiveItem {
  return { topic: "events", event };
}

type Cursor = (place: LivePlace) => string;

async function offerNews(
  deps: PumpDeps,
  pumped: Pumped,
  { numbered, cursor }: { readonly numbered: NumberedItem; readonly cursor: Cursor },
): Promise<void> {
  if (!wantsNews(pumped.audience, numbered)) return;
  const item = await inTurn(deps, numbered.tenant, () => loadItem(deps.store, numbered));
  if (item !== undefined) await offer(deps, pumped, { item, at: numbered.at, cursor });
}

/** Gives it if it is wanted and seen. */
async function offer(
  { slices }: PumpDeps,
  { reader, caller, audience, sight }: Pumped,
  { item, at, cursor }: { readonly item: LiveItem; readonly at: number; readonly cursor: Cursor },
): Promise<void> {
  if (reader.isEnded) return;
  const { wanted } = audience;
  const isWanted = wanted.isQuick
    ? wanted.matches(item).next().value === true
    : await slices.run(caller.tenant, wanted.matches(item));
  if (!isWanted) return;
  if (!sight.isWhole && !(await inTurn({ slices }, caller.tenant, () => sight.sees(item)))) return;
  const { place } = reader;
  const then = item.topic === "events" ? { ...place, events: at } : { ...place, news: at };
  reader.give(await given(audience, item, { place: then, cursor }));
}

/** It is too far behind to be brought here: it gets the number of what it misses. */
async function passOver({ store, slices }: PumpDeps, pumped: Pumped, to: LivePlace): Promise<void> {
  const { reader, caller, audience } = pumped;
  const { tenant } = caller;
  const { events, news } = reader.place;
  let count = 0;
  for (let at = events; at < to.events && audience.topics.has("events"); ) {
    const { byTenant, upTo } = await inTurn({ slices }, tenant, () => store.news.countEvents(at, to.events));
    count += byTenant.get(tenant) ?? 0;
    at = upTo;
  }
  if (wantsAnyNews(audience)) count += (await store.news.countNews(news, to.news)).get(tenant) ?? 0;
  const place = { events: Math.max(events, to.events), news: Math.max(news, to.news) };
  reader.leftOut(count, place, audience.wanted.isWhole && pumped.sight.isWhole && audience.topics.size === 4);
}
