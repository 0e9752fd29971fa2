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
  const note = (tenant: Sql = null, item: WrittenItem): void => {
    const items = byTenant.get(tenant);
    if (items === undefined) byTenant.set(tenant, [item]);
    else items.push(item);
  };
  for (const rows of [deliveries, waiting, inLine]) {
    for (const [sequence = null, subscription = null, tenant, status = null, attempts = null] of rows) {
      note(tenant, [sequence, subscription, status, attempts]);
    }
  }
  for (const [number = null, tenant] of invocations) note(tenant, [number]);
  return [...byTenant].map(([tenant, items]) => ({ sql: add, params: [tenant, items.length, JSON.stringify(items)] }));
}

/** Commits that one page looks at. */
const lookedAt = 256;

const newest = "SELECT max(last) AS last FROM news";
const oldest = "SELECT last, count FROM news WHERE last > 0 ORDER BY last LIMIT 1";
const after = `SELECT last, tenant, count, items FROM news WHERE last > ? ORDER BY last LIMIT ${lookedAt}`;

/** Events of all tenants that one page looks at: 2 ms. */
const eventsLookedAt = 1_000;
const newestEvent = "SELECT max(sequence) AS sequence FROM event";
const endOfPage = `SELECT sequence FROM event WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT 1 OFFSET ${eventsLookedAt - 1}`;
const inPage = "e.sequence > ?1 AND e.sequence <= ?2 AND e.tenant IN (SELECT value FROM json_each(?3))";
const eventsThen = `SELECT ${eventColumns} FROM event e WHERE ${inPage} ORDER BY e.sequence LIMIT ?4`;
/** Events that one count looks at: 3 ms. */
const eventsCounted = 20_000;
const counted = `SELECT tenant, count(*) AS count, max(sequence) AS last FROM
  (SELECT tenant, sequence FROM event WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ${eventsCounted}) few GROUP BY tenant`;
const countedItems = "SELECT tenant, sum(count) AS count FROM news WHERE last > ?1 AND last <= ?2 GROUP BY tenant";

export function news(reads: Reads): News {
  const newestNews = async (): Promise<number> => Number((await reads.get(newest))?.["last"] ?? 0);
  const newestOfEvents = async (): Promise<number> => Number((await reads.get(newestEvent))?.["sequence"] ?? 0);
  return {
    newestEvent: async () => newestOfEvents(),
    eventsAfter: async (sequence, { tenants, max }) => {
      const newestNow = await newestOfEvents();
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
    newestNews: async () => newestNews(),
    newsAfter: async (number, { tenants, max }) => {
      const first = await reads.get(oldest);
      const begin = first === undefined ? 0 : integer(first, "last") - integer(first, "count");
      const items: NumberedItem[] = [];
      let upTo = Math.max(number, begin);
      for (const row of await reads.all(after, upTo)) {
        if (tenants.has(text(row, "tenant"))) items.push(...itemsOf(row, number));
        upTo = integer(row, "last");
        if (items.length >= max) break;
      }
      return { items, upTo, lost: Math.max(0, begin - number) };
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
