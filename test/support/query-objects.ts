/** A store that holds objects, and queries of it. */
import assert from "node:assert/strict";
import { listedFields, parseFilter } from "../../src/domain/filter/index.ts";
import { Slices } from "../../src/pace/slices.ts";
import { freshUuid } from "../../src/platform/deps.ts";
import { ObjectQueries, type ObjectQuery, type QueryPlace } from "../../src/storage/query-objects.ts";
import { singleNode } from "../../src/store/cluster.ts";
import type { Bucket, ListedObject } from "../../src/store/records.ts";
import type { Store } from "../../src/store/store.ts";
import { fakeClock } from "./clock.ts";

export const clock = fakeClock();
const uuid = freshUuid(clock, "bucket");
export const bucket: Bucket = { uuid, tenant: "default", name: "alpha", owner: "root", createdMs: 0 };
export const nobody = new AbortController().signal;

export function object(key: string, facts: Partial<ListedObject> = {}): ListedObject {
  return {
    bucket: uuid,
    key,
    uuid: freshUuid(clock, "file"),
    owner: "root",
    version: "v",
    size: 0,
    eTag: "e",
    modifiedMs: 0,
    checksums: {},
    contentType: "text/plain",
    headers: {},
    userMetadata: {},
    tags: {},
    ...facts,
  };
}

interface Holding {
  readonly store: Store;
  /** Rows that were read so far. */
  rows: number;
}

/** A store that holds these objects, which are sorted. */
export function holding(objects: readonly ListedObject[]): Holding {
  const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const held: Holding = { rows: 0, store: undefined as unknown as Store };
  const list: Store["objects"]["list"] = async ({ prefix, from = "" }, { after = "", max }) => {
    // What the filler has many of begins alike, so the place is found by halves.
    let low = 0;
    let high = objects.length;
    const least = [prefix, from].reduce((a, b) => (compare(a, b) >= 0 ? a : b));
    while (low < high) {
      const middle = (low + high) >> 1;
      const key = objects[middle]?.key ?? "";
      if (compare(key, least) < 0 || (after !== "" && compare(key, after) <= 0)) low = middle + 1;
      else high = middle;
    }
    const found: ListedObject[] = [];
    for (let index = low; index < objects.length && found.length < max; index++) {
      const one = objects[index];
      if (one === undefined || !one.key.startsWith(prefix)) break;
      found.push(one);
    }
    held.rows += found.length;
    return found;
  };
  Object.assign(held, { store: { objects: { list } } as unknown as Store });
  return held;
}

export function queriesOf(store: Store, msPerSecond = 1_000_000): ObjectQueries {
  return new ObjectQueries({
    store,
    cluster: singleNode("only", () => clock.now()),
    slices: new Slices(),
    clock,
    msPerSecond,
  });
}

export function query(text: string, more: Partial<ObjectQuery> = {}): ObjectQuery {
  const parsed = parseFilter(text, listedFields);
  if (parsed.kind === "error") assert.fail(parsed.error.message);
  return { bucket, prefix: "", max: 1000, filter: parsed.filter, ...more };
}

/** All pages. */
export async function all(
  queries: ObjectQueries,
  asked: ObjectQuery,
): Promise<{ keys: string[]; prefixes: string[]; pages: number }> {
  const told = { keys: [] as string[], prefixes: [] as string[], pages: 0 };
  for (let place: QueryPlace | undefined; ; ) {
    const page = await queries.list({ ...asked, ...(place && { place }) }, nobody);
    told.pages += 1;
    told.keys.push(...page.objects.map(({ key }) => key));
    told.prefixes.push(...page.prefixes);
    assert.ok(page.objects.length + page.prefixes.length <= asked.max);
    place = page.next;
    if (place === undefined) return told;
  }
}

export const numbered = (count: number, facts: (index: number) => Partial<ListedObject> = () => ({})): ListedObject[] =>
  Array.from({ length: count }, (_, index) => object(`k${String(index).padStart(7, "0")}`, facts(index)));
