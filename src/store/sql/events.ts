import type { Uuid } from "../../domain/ids.ts";
import { readTogetherBytes } from "../page.ts";
import type { Usage } from "../records.ts";
import type { Events, UsagePlace, UsageQuery } from "../store.ts";
import { dataBytes, eventColumns, eventOfRow, eventsAfter, sequencesPerMs } from "./events-sql.ts";
import type { Fold } from "./figures.ts";
import { seenBy, viewing } from "./sight-sql.ts";
import { integer, optional, type Reads, type Row, text } from "./step.ts";

const bySequence = `SELECT ${eventColumns} FROM event e WHERE e.sequence = ?`;
/** Events of all scopes that one page looks at: 2 ms. */
const lookedAt = 1_000;
const endOfPage = `SELECT sequence FROM event WHERE sequence < ? ORDER BY sequence DESC LIMIT 1 OFFSET ${lookedAt - 1}`;
const recentOnes = `SELECT ${eventColumns} FROM event e
  WHERE e.sequence < ?1 AND e.sequence >= ?2 AND e.tenant = ?3 AND (e.scope = ?4 OR ?4 IS NULL)
    AND (instr(e.data, ?6) > 0 OR ?6 IS NULL)
    AND (e.time_ms >= ?7 OR ?7 IS NULL) AND (e.time_ms < ?8 OR ?8 IS NULL)
    AND (e.resource = ?9 OR e.scope = ?9 OR instr(e.parents, ?9) > 0 OR ?9 IS NULL)
    AND (json_extract(e.names, ?10) IS NOT NULL OR ?10 IS NULL)
    AND (json_extract(e.names, ?10) = ?11 OR ?11 IS NULL)
  ORDER BY e.sequence DESC LIMIT ?5`;
const endOfFound = `SELECT sequence FROM event WHERE sequence >= ? ORDER BY sequence LIMIT 1 OFFSET ${lookedAt}`;
/** Of an event that several faces have, an object's, the operation is the event itself. */
const ofOne = `SELECT ${eventColumns} FROM event e
  WHERE e.sequence >= ?1 AND e.sequence < ?2 AND e.tenant = ?3 AND (e.id = ?4 OR instr(e.data, ?5) > 0) ORDER BY e.sequence`;
const dispatched = "SELECT 1 FROM meta WHERE key = 'watermark' AND value >= ?";
/** Sequences follow the clock, which may have been set a little. */
const clockSlackMs = 60_000;
/** Rows of usage that one page looks at. */
const usageWindow = 5_000;
const usageAfter = `SELECT * FROM usage
  WHERE tenant = ?1 AND (day, scope, subscription) > (?2, ?3, ?4) AND day <= ?5 ORDER BY day, scope, subscription`;
const usageRows = `SELECT u.day, u.scope, u.subscription, s.uuid, u.accepted, u.attempts, u.delivered, u.dead
  FROM (${usageAfter} LIMIT ${usageWindow}) u LEFT JOIN subscription s ON s.number = u.subscription
  WHERE (u.scope = ?6 OR ?6 IS NULL) AND (s.uuid = ?7 OR ?7 IS NULL) AND (u.subscription = 0 OR ${seenBy("?8", "?9")})
  ORDER BY u.day, u.scope, u.subscription LIMIT ?10`;
const endOfUsage = `SELECT day, scope, subscription FROM (${usageAfter}) u LIMIT 1 OFFSET ${usageWindow - 1}`;

export function events(reads: Reads, fold: Fold): Events {
  return {
    after: async (sequence, max) => (await reads.all(eventsAfter, sequence, max)).map(eventOfRow),
    get: async (sequence) => await reads.one(eventOfRow, bySequence, sequence),
    recent: async ({ tenant, scope, about, face, name, withValue, sinceMs, untilMs }, { after, max }) => {
      const oldest = sinceMs === undefined ? 0 : Math.max(0, sinceMs - clockSlackMs) * sequencesPerMs;
      const newest = untilMs === undefined ? Number.MAX_SAFE_INTEGER : (untilMs + clockSlackMs) * sequencesPerMs;
      const from = Math.min(after ?? Number.MAX_SAFE_INTEGER, newest, Number.MAX_SAFE_INTEGER);
      const end = await reads.get(endOfPage, from);
      const last = end === undefined ? undefined : integer(end, "sequence");
      const next = last === undefined || last <= oldest ? undefined : last;
      // As JSON has it behind the name of a member, and nothing else: a quote inside a string is escaped.
      const member = withValue === undefined ? null : `:${JSON.stringify(withValue)}`;
      const bounds = [member, sinceMs ?? null, untilMs ?? null];
      const named = [about ?? null, face === undefined ? null : `$.${face}`, name ?? null];
      const values = [from, next ?? oldest, tenant, scope ?? null, max, ...bounds, ...named];
      const rows = await reads.upTo(readTogetherBytes, recentOnes, values);
      const isCut = rows.reduce((sum, row) => sum + dataBytes(row), 0) >= readTogetherBytes;
      const events = rows.map(eventOfRow);
      return { events, ...optional("next", isCut ? events.at(-1)?.sequence : next) };
    },
    ofOperation: async ({ tenant, id, sinceMs, untilMs }, after) => {
      const from = after ?? Math.max(0, sinceMs) * sequencesPerMs;
      const end = await reads.get(endOfFound, from);
      const last = end === undefined ? undefined : integer(end, "sequence");
      const newest = Math.min(untilMs * sequencesPerMs, Number.MAX_SAFE_INTEGER);
      const next = last === undefined || last >= newest ? undefined : last;
      const member = `"operation":${JSON.stringify(id)}`;
      const rows = await reads.upTo(readTogetherBytes, ofOne, [from, next ?? newest, tenant, id, member]);
      const events = rows.map(eventOfRow);
      const cut = events.at(-1);
      const isCut = rows.reduce((sum, row) => sum + dataBytes(row), 0) >= readTogetherBytes;
      return { events, ...optional("next", isCut && cut !== undefined ? cut.sequence + 1 : next) };
    },
    isDispatched: async (sequence) => (await reads.get(dispatched, sequence)) !== undefined,
    usage: async (query: UsageQuery, { after = { day: query.fromDay, scope: "", subscription: -1 }, max }) => {
      await fold();
      const from = [query.tenant, after.day, after.scope, after.subscription, query.toDay];
      const { scope = null, subscription = null, viewer } = query;
      const rows = await reads.all(usageRows, ...from, scope, subscription, ...viewing(viewer), max);
      const end = rows.length === max ? rows.at(-1) : await reads.get(endOfUsage, ...from);
      return { usage: rows.map(readUsage), ...(end === undefined ? {} : { next: readUsagePlace(end) }) };
    },
  };
}

function readUsagePlace(row: Row): UsagePlace {
  return { day: text(row, "day"), scope: text(row, "scope"), subscription: integer(row, "subscription") };
}

function readUsage(row: Row): Usage {
  return {
    day: text(row, "day"),
    scope: text(row, "scope") as Uuid,
    ...optional("subscription", row["uuid"] as Uuid | null),
    accepted: integer(row, "accepted"),
    attempts: integer(row, "attempts"),
    delivered: integer(row, "delivered"),
    dead: integer(row, "dead"),
  };
}
