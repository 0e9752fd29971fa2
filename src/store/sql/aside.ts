import type { AsideChange, AsideCondition, AsideEvent, AsideEvents } from "../aside.ts";
import { readTogetherBytes } from "../page.ts";
import { dataBytes, eventOfRow } from "./events-sql.ts";
import { type Check, integer, type Reads, type Row, type Step, text } from "./step.ts";
import { allWaits, asideColumns, asideOfTenant } from "./waits.ts";

const setAside = `INSERT INTO event_aside (sequence, tenant, state, since_ms) SELECT CAST(value AS bigint), ?2, ?3, ?4 FROM json_each(?1)
  WHERE true ON CONFLICT (sequence) DO UPDATE SET state = excluded.state, since_ms = excluded.since_ms`;
const done = "DELETE FROM event_aside WHERE sequence IN (SELECT CAST(value AS bigint) FROM json_each(?))";
const poisoned = "SELECT 1 FROM event_aside WHERE sequence = ? AND tenant = ? AND state = 'poisoned'";

export function asideChange(change: AsideChange): Step[] {
  const sequences = JSON.stringify(change.sequences);
  if (change.do === "event.done") return [{ sql: done, params: [sequences] }];
  return [{ sql: setAside, params: [sequences, change.tenant, change.state, change.atMs] }];
}

export function asideCheck({ tenant, sequence }: AsideCondition): Check {
  return { sql: poisoned, params: [sequence, tenant], expect: "row" };
}

const byId = `SELECT ${asideColumns} FROM event_aside a JOIN event e ON e.sequence = a.sequence
  WHERE a.tenant = ? AND a.state = 'poisoned' AND e.id = ?`;
const among = "SELECT sequence FROM event_aside WHERE sequence BETWEEN ? AND ?";
const counts = `SELECT coalesce(sum(aside), 0) AS waiting, coalesce(sum(poisoned), 0) AS poisoned FROM open_count
  WHERE tenant = ?1 OR ?1 IS NULL`;

export function asideEvents(reads: Reads, waits = allWaits): AsideEvents {
  return {
    list: async ({ tenant, state }, { after = 0, max }) => {
      const { sql, params } =
        state === "waiting"
          ? waits.aside(tenant, after, max)
          : { sql: asideOfTenant, params: [tenant, state, after, max] };
      return (await reads.upTo(readTogetherBytes, sql, params)).map(read);
    },
    poisoned: async (tenant, id) => await reads.one(read, byId, tenant, id),
    among: async (from, to) => new Set((await reads.all(among, from, to)).map((row) => integer(row, "sequence"))),
    tenants: async () => {
      const { sql, params } = waits.asideTenants();
      return (await reads.all(sql, ...params)).map((row) => text(row, "tenant"));
    },
    counts: async (tenant) => {
      const row = (await reads.get(counts, tenant ?? null)) ?? {};
      return { waiting: integer(row, "waiting"), poisoned: integer(row, "poisoned") };
    },
  };
}

function read(row: Row): AsideEvent {
  return {
    event: eventOfRow(row),
    state: text(row, "aside_state") === "poisoned" ? "poisoned" : "waiting",
    sinceMs: integer(row, "aside_since_ms"),
    bytes: dataBytes(row),
  };
}
