import { hash } from "node:crypto";
import { besideOthers, type CounterOwner, isEverything, mergedLocks, type UnitLocks } from "../locks.ts";
import { statusCodes } from "../sql/deliveries-sql.ts";
import type { Sql } from "../sql/step.ts";
import type { WireSettlement, WireUnit } from "../sql/wire.ts";

/**
 * The places that a transaction locks before it does anything, so that the conditions of its units hold until its end whatever other nodes commit: advisory
 * locks under 64 bits of a hash of their names. Every transaction takes them in the same order, so none waits for another in a circle; where
 * two names have one hash, one waits that need not.
 *
 * Counters of quotas are rows that many units change, each in its own order. So behind its places a transaction locks the counters of each tenant of which it
 * may change any: what a bucket or an upload lies in cannot change any more by then.
 */

const lockPlaces = {
  name: "lock_places",
  text: `SELECT CASE WHEN shared THEN pg_advisory_xact_lock_shared(key) ELSE pg_advisory_xact_lock(key) END
    FROM unnest($1::bigint[], $2::boolean[]) AS places (key, shared)`,
} as const;
const lockCounters = {
  name: "lock_counters",
  text: `SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended('counters' || chr(10) || tenant, 0) AS key FROM (
      SELECT unnest($1::text[]) AS tenant
      UNION ALL SELECT tenant FROM bucket WHERE uuid = ANY ($2::text[])
      UNION ALL SELECT b.tenant FROM upload u JOIN bucket b ON b.uuid = u.bucket WHERE u.id = ANY ($3::text[])
      UNION ALL SELECT tenant FROM intent WHERE operation = ANY ($4::text[])) counted
    ORDER BY key) tenants`,
} as const;

interface LockQuery {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** In one transaction at the most, unless a single unit has more: all of PostgreSQL's connections together have room for some thousands of locks. */
const mostPlaces = 512;

/** How many of the units one transaction may lock the places of: at least one. */
export function lockedTogether(units: readonly { readonly unit: WireUnit }[], most: number): number {
  let places = 0;
  for (let count = 0; count < most; count += 1) {
    places += units[count]?.unit.locks?.places.length ?? 0;
    if (places > mostPlaces) return Math.max(1, count);
  }
  return most;
}

/** The statements that come first in a transaction. */
export function lockQueries(locks: readonly UnitLocks[]): LockQuery[] {
  const places = mergedLocks(locks.flatMap((one) => one.places));
  if (places.length === 0) return [];
  const keys = places.map(({ place, shared }) => ({ key: keyOf(place), shared }));
  // Of two with one key the first is alone: no lock that is shared becomes one that is not.
  keys.sort((one, other) => compare(one.key, other.key) || Number(one.shared) - Number(other.shared));
  const values = [keys.map(({ key }) => key.toString()), keys.map(({ shared }) => shared)];
  const counted = isEverything(places) ? [] : locks.flatMap((one) => one.counted);
  return [{ ...lockPlaces, values }, ...(counted.length === 0 ? [] : [countersQuery(counted)])];
}

function countersQuery(counted: readonly CounterOwner[]): LockQuery {
  const ids = (by: CounterOwner["by"]): string[] => [
    ...new Set(counted.flatMap((one) => (one.by === by ? [one.id] : []))),
  ];
  return { ...lockCounters, values: [ids("tenant"), ids("bucket"), ids("upload"), ids("intent")] };
}

function keyOf(place: string): bigint {
  return hash("sha1", place, "buffer").readBigInt64BE();
}

function compare(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** As a row of {@link WireSettlement.deliveries}. */
export function isDeliveredAtOnce([, , , status, attempts]: readonly Sql[]): boolean {
  return status === statusCodes.delivered && attempts === 1;
}

/** Of outcomes: none where all went well at once, which is most of the time, as nothing else writes their rows. */
export function locksOfSettlement(settlement: WireSettlement): readonly UnitLocks[] {
  const { deliveries, waiting, inLine, released, buried, outcomes } = settlement;
  const isPlain =
    [waiting, inLine, released, buried, outcomes].every((rows) => rows.length === 0) &&
    deliveries.every(isDeliveredAtOnce);
  if (isPlain) return [];
  const joined = inLine.map(([, subscription, ...rest]) => `${subscription}\n${rest.at(-1)}`);
  return [besideOthers(new Set([...joined, ...released.map(([subscription, line]) => `${subscription}\n${line}`)]))];
}
