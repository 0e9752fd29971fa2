import type { Uuid } from "../../domain/ids.ts";
import { keptNews, type News, type NewsItem, type NumberedItem } from "../news.ts";
import { readTogetherBytes } from "../page.ts";
import { storedStatus } from "./deliveries-sql.ts";
import { dataBytes, eventColumns, eventOfRow } from "./events-sql.ts";
import { integer, type Reads, type Row, type Sql, type Step, text } from "./step.ts";
import type { WireSettlement } from "./wire.ts";

/** How news are written, by units and by settlements, and read back. */

const add =
  "INSERT INTO news (last, tenant, count, items) VALUES ((SELECT coalesce(max(last), 0) FROM news) + ?2, ?1, ?2, ?3)";
/** Items in one row at the most. */
const rowItems = 1_000;
/** As long as it is not run, more than those are kept. */
export const dropOldNews: Step = {
  sql: `DELETE FROM news WHERE last <= (SELECT max(last) FROM news) - ${keptNews}`,
  params: [],
};

type WrittenItem = readonly [sequence: Sql, subscription: Sql, status: Sql, attempts: Sql] | readonly [Sql];

const addRedrive = `INSERT INTO news (last, tenant, count, items)
  SELECT (SELECT coalesce(max(last), 0) FROM news) + 1, tenant, 1, ?2 FROM redrive WHERE uuid = ?1`;

/** By number. */
export function newsOfInvocation(tenant: string, number: number): Step {
  return { sql: add, params: [tenant, 1, JSON.stringify([[number]])] };
}

export function newsOfRedrive(uuid: string): Step {
  return { sql: addRedrive, params: [uuid, JSON.stringify([[uuid]])] };
}

/** What a settlement has to tell, a row for each of its tenants. */
export function newsOfSettlement({ deliveries, waiting, inLine, invocations }: WireSettlement): Step[] {
  const byTenant = new Map<Sql, WrittenItem[]>();
  const full: [Sql, WrittenItem[]][] = [];
  const note = (tenant: Sql = null, item: WrittenItem): void => {
    const items = byTenant.get(tenant);
    if (items === undefined) byTenant.set(tenant, [item]);
    else items.push(item);
    if (items?.length === rowItems) {
      full.push([tenant, items]);
      byTenant.delete(tenant);
    }
  };
  for (const rows of [deliveries, waiting, inLine]) {
    for (const [sequence = null, subscription = null, tenant, status = null, attempts = null] of rows) {
      note(tenant, [sequence, subscription, status, attempts]);
    }
  }
  for (const [number = null, tenant] of invocations) note(tenant, [number]);
  return [...full, ...byTenant].map(([tenant, items]) => ({
    sql: add,
    params: [tenant, items.length, JSON.stringify(items)],
  }));
}

/** Commits that one page looks at. */
const lookedAt = 256;

const newest = "SELECT max(last) AS last FROM news";
const newestBounded = `${newest} WHERE last <= ?`;
const oldest = "SELECT last, count FROM news WHERE last > 0 ORDER BY last LIMIT 1";
const columns = "SELECT last, tenant, count, items FROM news";
const after = `${columns} WHERE last > ? ORDER BY last LIMIT ${lookedAt}`;
const afterBounded = `${columns} WHERE last > ? AND last <= ? ORDER BY last LIMIT ${lookedAt}`;

/** Events of all tenants that one page looks at: 2 ms. */
const eventsLookedAt = 1_000;
const newestEvent = "SELECT max(sequence) AS sequence FROM event";
const newestEventBounded = `${newestEvent} WHERE sequence <= ?`;
const endOfPage = `SELECT sequence FROM event WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT 1 OFFSET ${eventsLookedAt - 1}`;
const inPage = "e.sequence > ?1 AND e.sequence <= ?2 AND e.tenant IN (SELECT value FROM json_each(?3))";
const eventsThen = `SELECT ${eventColumns} FROM event e WHERE ${inPage} ORDER BY e.sequence LIMIT ?4`;
/** Events that one count looks at: 3 ms. */
const eventsCounted = 20_000;
const counted = `SELECT tenant, count(*) AS count, max(sequence) AS last FROM
  (SELECT tenant, sequence FROM event WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ${eventsCounted}) few GROUP BY tenant`;
const countedItems = "SELECT tenant, sum(count) AS count FROM news WHERE last > ?1 AND last <= ?2 GROUP BY tenant";

/** Up to where a reader may follow where several write: nothing that has a lower number becomes visible any more. */
export interface Passed {
  readonly events: number;
  readonly news: number;
}

interface Horizon {
  /** Not less than the numbers of what was committed before the call, as far as that can be had soon. */
  now(): Promise<Passed>;
  /** As far as that is known already. */
  readonly known: Passed;
}

/** What there is behind a number. It is worth another look only for who finds nothing up to where that was known. */
async function behind<T>(
  { horizon, of, number }: { readonly horizon: Horizon; readonly of: keyof Passed; readonly number: number },
  read: (upTo: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  const known = horizon.known[of];
  const found = known > number ? await read(known) : undefined;
  return found ?? (await read((await horizon.now())[of]));
}

/** How items are numbered. Default: each by one more than the last. */
interface NewsOptions {
  /** Absent: one writes, and so numbers are in the order of commits. */
  readonly horizon?: Horizon;
  readonly numbersPerItem?: number;
  /** Up to which number none are kept. */
  readonly droppedUpTo?: (reads: Reads) => Promise<number>;
}

async function beforeOldest(reads: Reads): Promise<number> {
  const first = await reads.get(oldest);
  return first === undefined ? 0 : integer(first, "last") - integer(first, "count");
}

export function news(
  reads: Reads,
  { horizon, numbersPerItem = 1, droppedUpTo = beforeOldest }: NewsOptions = {},
): News {
  const value = async (column: string, sql: string, ...params: readonly number[]): Promise<number> =>
    Number((await reads.get(sql, ...params))?.[column] ?? 0);
  const newestUpTo = async (most: number): Promise<number> => value("sequence", newestEventBounded, most);
  const newestBehind = async (sequence: number): Promise<number> => {
    if (horizon === undefined) return value("sequence", newestEvent);
    const found = await behind({ horizon, of: "events", number: sequence }, async (upTo) => {
      const newestNow = await newestUpTo(upTo);
      return newestNow > sequence ? newestNow : undefined;
    });
    return found ?? sequence;
  };
  const rowsBehind = async (number: number): Promise<readonly Row[]> => {
    if (horizon === undefined) return reads.all(after, number);
    const found = await behind({ horizon, of: "news", number }, async (upTo) => {
      const rows = await reads.all(afterBounded, number, upTo);
      return rows.length > 0 ? rows : undefined;
    });
    return found ?? [];
  };
  return {
    numbersPerItem,
    newestEvent: async () =>
      horizon === undefined ? value("sequence", newestEvent) : newestUpTo((await horizon.now()).events),
    eventsAfter: async (sequence, { tenants, max }) => {
      const newestNow = await newestBehind(sequence);
      if (newestNow <= sequence) return { events: [], upTo: sequence };
      const end = await reads.get(endOfPage, sequence, newestNow);
      const last = end === undefined ? newestNow : integer(end, "sequence");
      const values = [sequence, last, JSON.stringify([...tenants]), max];
      const rows = await reads.upTo(readTogetherBytes, eventsThen, values);
      const isCut = rows.length >= max || rows.reduce((sum, row) => sum + dataBytes(row), 0) >= readTogetherBytes;
      const events = rows.map(eventOfRow);
      return { events, upTo: isCut ? (events.at(-1)?.sequence ?? last) : last };
    },
    countEvents: async (from, to) => {
      const rows = await reads.all(counted, from, to);
      const byTenant = countsOf(rows);
      const isCut = [...byTenant.values()].reduce((sum, count) => sum + count, 0) === eventsCounted;
      return { byTenant, upTo: isCut ? Math.max(...rows.map((row) => integer(row, "last"))) : to };
    },
    countNews: async (from, to) => countsOf(await reads.all(countedItems, from, to)),
    newestNews: async () =>
      horizon === undefined ? value("last", newest) : value("last", newestBounded, (await horizon.now()).news),
    newsAfter: async (number, { tenants, max }) => {
      const begin = await droppedUpTo(reads);
      const items: NumberedItem[] = [];
      let upTo = Math.max(number, begin);
      for (const row of await rowsBehind(upTo)) {
        if (tenants.has(text(row, "tenant"))) items.push(...itemsOf(row, number));
        upTo = integer(row, "last");
        if (items.length >= max) break;
      }
      return { items, upTo, lost: Math.ceil(Math.max(0, begin - number) / numbersPerItem) };
    },
  };
}

function countsOf(rows: readonly Row[]): Map<string, number> {
  return new Map(rows.map((row) => [text(row, "tenant"), integer(row, "count")]));
}

/** Those behind a number. */
function itemsOf(row: Row, number: number): NumberedItem[] {
  const tenant = text(row, "tenant");
  const begin = integer(row, "last") - integer(row, "count");
  const items = JSON.parse(text(row, "items")) as readonly (readonly (number | string)[])[];
  return items.flatMap((item, index) => {
    const at = begin + index + 1;
    return at <= number ? [] : [{ ...itemOf(item), at, tenant }];
  });
}

function itemOf([one, subscription, status, attempts]: readonly (number | string)[]): NewsItem {
  if (typeof one === "string") return { of: "redrive", uuid: one as Uuid };
  if (subscription === undefined) return { of: "invocation", number: Number(one) };
  return {
    of: "delivery",
    sequence: Number(one),
    subscription: Number(subscription),
    status: storedStatus(Number(status)),
    attempts: Number(attempts),
  };
}
