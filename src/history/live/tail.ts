import { setImmediate as turn } from "node:timers/promises";
import type { Store } from "../../store/store.ts";
import { given, type LiveAudience, wantsAnyNews, wantsNews } from "./audience.ts";
import type { LiveCursors } from "./cursors.ts";
import type { LiveItem, LivePlace } from "./item.ts";
import { loadItem, newestPlace } from "./load.ts";
import { LivePace } from "./pace.ts";
import type { LiveReader } from "./reader.ts";
import type { FollowingShare } from "./share.ts";

/** Items that are looked at together: a millisecond. */
const pageItems = 50;
/** Further behind than this, it passes over what it did not come to. */
const mostBehind = { eventsMs: 3_000, news: 10_000 };
/** Sequences follow the clock. */
const sequencesPerMs = 1_024;

interface Group {
  readonly tenant: string;
  readonly audience: LiveAudience;
  readonly readers: Set<LiveReader>;
}

interface TailDeps {
  readonly store: Store;
  readonly cursors: LiveCursors;
  readonly share: FollowingShare;
}

/**
 * Follows what happens for all readers that see the whole of their tenant and whose filters cost nothing: each item is read, asked and
 * written once for all that want the same. It asks the store, and so costs nothing where there are no readers.
 */
export class LiveTail {
  readonly #deps: TailDeps;
  readonly #groups = new Map<string, Group>();
  readonly #pace = new LivePace();
  #place: LivePlace = { events: 0, news: 0 };
  /** A page is being given: who joins now would miss the rest of it. */
  #inPage = false;

  constructor(deps: TailDeps) {
    this.#deps = deps;
  }

  get #isUsed(): boolean {
    return this.#groups.size > 0;
  }

  /** Where it is: newest of all, where no reader has joined. */
  async place(): Promise<LivePlace> {
    if (!this.#isUsed) {
      const place = await newestPlace(this.#deps.store);
      if (!this.#isUsed) this.#place = place;
    }
    return this.#place;
  }

  /** Takes a reader that is just where this is: false for any other, and at times when none can join. */
  join(reader: LiveReader, tenant: string, audience: LiveAudience): boolean {
    const { events, news } = reader.place;
    if (this.#inPage || events !== this.#place.events || news !== this.#place.news) return false;
    const key = `${tenant}\n${audience.key}`;
    const group = this.#groups.get(key) ?? { tenant, audience, readers: new Set() };
    group.readers.add(reader);
    this.#groups.set(key, group);
    reader.stream.once("close", () => {
      group.readers.delete(reader);
      if (group.readers.size === 0 && this.#groups.get(key) === group) this.#groups.delete(key);
    });
    return true;
  }

  /** Gives what has happened, as far as its share of `ms` goes. */
  async advance(ms: number): Promise<void> {
    const mostMs = ms * this.#deps.share.now();
    let isDone = false;
    let spentMs = 0;
    while (this.#isUsed && !isDone && spentMs < mostMs) {
      const readers = [...this.#groups.values()].reduce((sum, group) => sum + group.readers.size, 0);
      const max = Math.min(pageItems, this.#pace.allowance(readers));
      if (max === 0) break;
      const sinceMs = performance.now();
      this.#inPage = true;
      const looked = await this.#page(max).finally(() => {
        this.#inPage = false;
      });
      isDone = looked === undefined;
      this.#pace.took(looked ?? 0, isDone);
      spentMs += performance.now() - sinceMs;
      await turn();
    }
    if (this.#isUsed && !isDone) await this.#keepUp();
  }

  /** How many it looked at; `undefined` when there is nothing more. */
  async #page(max: number): Promise<number | undefined> {
    const { news } = this.#deps.store;
    const groups = [...this.#groups.values()];
    const tenants = new Set(groups.map(({ tenant }) => tenant));
    const from = this.#place;
    const cursors = new Map([...tenants].map((tenant) => [tenant, this.#deps.cursors.from(tenant, from)]));
    const { events, upTo } = await news.eventsAfter(from.events, { tenants, max });
    for (const event of events) {
      const item = { topic: "events", event } as const;
      const asking = groups.filter(({ tenant, audience }) => tenant === event.tenant && audience.topics.has("events"));
      await giveAll(asking, item, {
        place: { events: event.sequence, news: from.news },
        cursor: cursors.get(event.tenant),
      });
    }
    this.#place = { events: upTo, news: from.news };
    const { newsUpTo, items } = groups.some(({ audience }) => wantsAnyNews(audience))
      ? await this.#news(groups, { tenants, cursors, max })
      : { newsUpTo: await news.newestNews(), items: 0 };
    this.#place = { events: upTo, news: newsUpTo };
    for (const { readers } of groups) {
      for (const reader of readers) {
        reader.passed(this.#place);
        reader.flush();
      }
    }
    return upTo === from.events && newsUpTo === from.news ? undefined : events.length + items;
  }

  async #news(groups: readonly Group[], { tenants, cursors, max }: Page): Promise<{ newsUpTo: number; items: number }> {
    const { store } = this.#deps;
    const { events, news } = this.#place;
    const page = await store.news.newsAfter(news, { tenants, max });
    const loaded = page.items.slice(0, max);
    for (const numbered of loaded) {
      const { at, tenant } = numbered;
      const asking = groups.filter((group) => group.tenant === tenant && wantsNews(group.audience, numbered));
      const item = asking.length === 0 ? undefined : await loadItem(store, numbered);
      if (item !== undefined) await giveAll(asking, item, { place: { events, news: at }, cursor: cursors.get(tenant) });
    }
    // What one commit brought may be more.
    const last = loaded.length < page.items.length ? loaded.at(-1)?.at : undefined;
    return { newsUpTo: last ?? page.upTo, items: loaded.length };
  }

  /** Passes over what it is too late for, and counts it. */
  async #keepUp(): Promise<void> {
    const { news } = this.#deps.store;
    const from = this.#place;
    const to = await newestPlace(this.#deps.store);
    const lateMs = (to.events - from.events) / sequencesPerMs;
    const lateNews = (to.news - from.news) / news.numbersPerItem;
    if (lateMs <= mostBehind.eventsMs && lateNews <= mostBehind.news) return;
    this.#pace.passedOver();
    const events = new Map<string, number>();
    this.#inPage = true;
    for (let at = from.events; at < to.events; await turn()) {
      const { byTenant, upTo } = await news.countEvents(at, to.events);
      for (const [tenant, count] of byTenant) events.set(tenant, (events.get(tenant) ?? 0) + count);
      at = upTo;
    }
    const others = await news.countNews(from.news, to.news);
    this.#place = to;
    this.#inPage = false;
    for (const { tenant, audience, readers } of this.#groups.values()) {
      const ofEvents = audience.topics.has("events") ? (events.get(tenant) ?? 0) : 0;
      const ofNews = wantsAnyNews(audience) ? (others.get(tenant) ?? 0) : 0;
      const exact = audience.wanted.isWhole && (ofNews === 0 || audience.topics.size === (ofEvents === 0 ? 3 : 4));
      for (const reader of readers) {
        reader.leftOut(ofEvents + ofNews, to, exact);
        reader.flush();
      }
    }
  }
}

interface Page {
  readonly tenants: ReadonlySet<string>;
  readonly cursors: ReadonlyMap<string, (place: LivePlace) => string>;
  readonly max: number;
}

async function giveAll(
  groups: readonly Group[],
  item: LiveItem,
  { place, cursor }: { readonly place: LivePlace; readonly cursor: ((place: LivePlace) => string) | undefined },
): Promise<void> {
  if (cursor === undefined) return;
  for (const { audience, readers } of groups) {
    // Its filter is quick: it is done at the first step.
    if (audience.wanted.matches(item).next().value !== true) continue;
    const one = await given(audience, item, { place, cursor });
    for (const reader of readers) reader.give(one);
  }
}
