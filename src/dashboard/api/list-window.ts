import { queryOptions } from "@tanstack/react-query";
import type { Operations } from "../../client/operations.ts";
import { type Answer, call } from "./client.ts";
import type { ListName } from "./list.ts";

/** Long lists, of which the page keeps only what lies around the place that is looked at. */

const pageRows = 100;
/** Pages that are kept: 5,000 rows. */
const mostPages = 50;
/** Answers without a row that are asked for before the reader is asked whether to go on. */
const mostEmpty = 20;

interface FetchedPage<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
  /** How far back was looked, when there is a next. */
  readonly searchedTo: string | undefined;
  /** Of the first page: what is newer than it begins there. */
  readonly newer: string | undefined;
}

interface KeptPage<Item> {
  /** With which it is asked for. */
  readonly cursor: string | undefined;
  /** Index of its first row. */
  readonly start: number;
  readonly count: number;
  /** Absent when it was let go. */
  readonly items?: readonly Item[];
}

/**
 * A list as far as it was looked at. Its first rows never move: what is let go is asked for again with the cursor that it had. It tells who
 * listens when something has changed, by a version.
 */
export class ListWindow<Item> {
  readonly #fetch: (cursor: string | undefined, signal?: AbortSignal) => Promise<FetchedPage<Item>>;
  readonly #listeners = new Set<() => void>();
  readonly #asked = new Set<number>();
  #pages: KeptPage<Item>[] = [];
  #next: string | undefined;
  #hasBegun = false;
  #isStopped = false;
  version = 0;
  isFetching = false;
  error: unknown;
  /** How far back was looked, while there is more. */
  searchedTo: string | undefined;
  /** Where what is newer than the first page begins. */
  newer: string | undefined;
  /** In pixels: a list that is come back to stands where it was left. */
  scrollTop = 0;

  constructor(fetch: (cursor: string | undefined, signal?: AbortSignal) => Promise<FetchedPage<Item>>) {
    this.#fetch = fetch;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Rows that are known so far. */
  get total(): number {
    const last = this.#pages.at(-1);
    return last === undefined ? 0 : last.start + last.count;
  }

  get hasMore(): boolean {
    return !this.#hasBegun || this.#next !== undefined;
  }

  /** It searched long without a row, and goes on when it is told to. */
  get waits(): boolean {
    return this.#isStopped && this.hasMore && !this.isFetching;
  }

  /** Rows in memory. */
  get kept(): number {
    return this.#pages.reduce((rows, { items }) => rows + (items?.length ?? 0), 0);
  }

  at(index: number): Item | undefined {
    const page = this.#pages[this.#pageOf(index)];
    return page?.items?.[index - page.start];
  }

  /** The next rows; it looks through as much as has none in it, up to a bound. */
  async more(signal?: AbortSignal): Promise<void> {
    if (this.isFetching || !this.hasMore) return;
    this.isFetching = true;
    this.#isStopped = false;
    this.error = undefined;
    this.#changed();
    try {
      for (let empty = 0; this.hasMore && empty < mostEmpty; empty++) {
        const cursor = this.#next;
        const { items, next, searchedTo, newer } = await this.#fetch(cursor, signal);
        if (!this.#hasBegun) this.newer = newer;
        this.#hasBegun = true;
        this.#next = next;
        this.searchedTo = searchedTo;
        if (items.length > 0) {
          this.#pages = [...this.#pages, { cursor, start: this.total, count: items.length, items }];
          this.#letGo(this.#pages.length - 1);
          return;
        }
        this.#changed();
      }
      this.#isStopped = this.hasMore;
    } catch (thrown) {
      this.error = thrown;
    } finally {
      this.isFetching = false;
      this.#changed();
    }
  }

  /** Sees to it that the rows `from`..`to` are there, lets go what is far from them, and goes on when the end is near. */
  look(from: number, to: number): void {
    const [first, last] = [this.#pageOf(from), this.#pageOf(to)];
    for (let index = Math.max(0, first); index <= last; index++) void this.#again(index);
    this.#letGo((first + last) / 2);
    if (to >= this.total - pageRows / 2 && this.hasMore && !this.#isStopped && this.error === undefined)
      void this.more();
  }

  async #again(index: number): Promise<void> {
    const page = this.#pages[index];
    if (page === undefined || page.items !== undefined || this.#asked.has(index)) return;
    this.#asked.add(index);
    try {
      const { items } = await this.#fetch(page.cursor);
      let start = 0;
      this.#pages = this.#pages.map((one, at) => {
        const renewed = at === index ? { ...one, count: items.length, items } : one;
        const placed = { ...renewed, start };
        start += placed.count;
        return placed;
      });
    } catch (thrown) {
      this.error = thrown;
    } finally {
      this.#asked.delete(index);
      this.#changed();
    }
  }

  #letGo(around: number): void {
    const held = this.#pages.flatMap(({ items }, index) => (items === undefined ? [] : [index]));
    if (held.length <= mostPages) return;
    const far = held.toSorted((a, b) => Math.abs(b - around) - Math.abs(a - around)).slice(0, held.length - mostPages);
    const gone = new Set(far);
    this.#pages = this.#pages.map((page, index) => {
      if (!gone.has(index)) return page;
      const { items: _, ...rest } = page;
      return rest;
    });
  }

  /** The page that has a row; -1 before there is one. */
  #pageOf(index: number): number {
    let [low, high] = [0, this.#pages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#pages[middle]?.start ?? 0) <= index) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #changed(): void {
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }
}

type Answered = { readonly next_cursor?: string; readonly searched_to?: string; readonly newer_cursor?: string };

/** A list of the API as a {@link ListWindow}; it stays as it was read until it is asked for anew. */
export function listWindow<Name extends ListName, Item>(
  name: Name,
  query: Omit<Operations[Name]["query"], "cursor" | "limit">,
  itemsOf: (page: Answer<Name>) => readonly Item[],
) {
  return queryOptions<ListWindow<Item>>({
    queryKey: [name, "window", query],
    queryFn: async ({ signal }) => {
      const list = new ListWindow<Item>(async (cursor, stopped) => {
        const at = cursor === undefined ? {} : { cursor };
        const page = await call(name, { query: { ...query, limit: pageRows, ...at } }, { signal: stopped });
        const { next_cursor: next, searched_to: searchedTo, newer_cursor: newer } = page as Answered;
        return { items: itemsOf(page), next, searchedTo, newer };
      });
      await list.more(signal);
      if (list.error !== undefined) throw list.error;
      return list;
    },
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
}
