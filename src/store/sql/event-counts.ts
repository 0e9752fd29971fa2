import type { Deliveries, DeliveryCounts } from "../store.ts";
import { storedStatus } from "./deliveries-sql.ts";
import { seenBy, viewing } from "./sight-sql.ts";
import { integer, type Reads, type Row } from "./step.ts";

/** How the deliveries of single events stand. */

/** Of one event that are counted. */
const counted = 200;
/** ?1 sequence, ?2 tenant, ?3 and ?4 who must see it */
const countsOf = `SELECT d.status, (s.enabled = 0 OR s.paused_ms IS NOT NULL) AS off, count(*) AS n FROM
  (SELECT * FROM delivery WHERE sequence = ?1 AND tenant = ?2 AND status <> 3 LIMIT ${counted + 1}) d
  JOIN subscription s ON s.number = d.subscription WHERE ${seenBy("?3", "?4")} GROUP BY 1, 2`;

export function eventCounts(reads: Reads): Pick<Deliveries, "countsOfEvents"> {
  return {
    countsOfEvents: async ({ tenant, sequences, viewer }) =>
      Promise.all(
        sequences.map(async (sequence) => countsFrom(await reads.all(countsOf, sequence, tenant, ...viewing(viewer)))),
      ),
  };
}

function countsFrom(rows: readonly Row[]): DeliveryCounts {
  const counts = { waiting: 0, delivered: 0, dead: 0, paused: 0 };
  for (const row of rows) {
    const status = storedStatus(integer(row, "status"));
    counts[status === "waiting" && integer(row, "off") === 1 ? "paused" : status] += integer(row, "n");
  }
  return { ...counts, more: rows.reduce((sum, row) => sum + integer(row, "n"), 0) > counted };
}
