import { type DestinationWebhook, webhookOn } from "../../domain/destination.ts";
import type { Face } from "../../domain/event.ts";
import type { FilterText } from "../../domain/filter/index.ts";
import { kinds, type Uuid } from "../../domain/ids.ts";
import type { Pace } from "../../domain/pace.ts";
import type { MatchedVersion, PastPause } from "../../domain/past-state.ts";
import type { DestinationTarget, Pause, Subscription } from "../../domain/subscription.ts";
import type { ListeningState, PastVersion, Subscriptions } from "../store.ts";
import { seenBy, viewing } from "./sight-sql.ts";
import { flag, integer, optional, parsed, type Reads, type Row, text } from "./step.ts";

/** How subscriptions are found and read back. */

/** What `s` (the subscription) goes to by name, deleted or not, as it is now. */
export const through = `(SELECT json_object('name', x.name, 'target', json(x.target), 'sealed', x.sealed, 'policy', json(x.policy),
  'quiet', x.quiet, 'gone', iif(x.deleted_ms IS NOT NULL, 1, 0)) FROM destination x WHERE x.number = s.destination) AS through`;
/** All of `s` that {@link readSubscription} reads. */
export const whole = `s.*, ${through}`;
const byUuid = `SELECT ${whole} FROM subscription s WHERE uuid = ?`;
const byNumber = `SELECT ${whole} FROM subscription s WHERE number = ?`;
const amongNumbers = `SELECT ${whole} FROM subscription s WHERE number IN (SELECT CAST(value AS bigint) FROM json_each(?))`;
const liveOfTenant = `SELECT ${whole} FROM subscription s
  WHERE tenant = ?1 AND number > ?2 AND deleted_ms IS NULL AND ended_ms IS NULL AND (face = ?3 OR ?3 IS NULL)
  ORDER BY number LIMIT ?4`;
const liveOfScope = `SELECT ${whole} FROM subscription s
  WHERE tenant = ?1 AND scope = ?5 AND number > ?2 AND deleted_ms IS NULL AND ended_ms IS NULL
    AND (face = ?3 OR ?3 IS NULL)
  ORDER BY number LIMIT ?4`;
/** Newest first, out of an index in that order. ?2, ?5 and ?7 NULL: whatever the face, resource and owner; ?4: whether deleted ones count. */
const newest = (index: string, those: string): string => `SELECT ${whole} FROM subscription s INDEXED BY ${index}
  WHERE tenant = ?1 AND number < ?3 AND iif(deleted_ms IS NOT NULL, 1, 0) <= ?4 AND ${those}
    AND (face = ?2 OR ?2 IS NULL) AND (scope = ?5 OR ?5 IS NULL) AND (owner = ?7 OR ?7 IS NULL)
    AND ${seenBy("?8", "?9")}
  ORDER BY number DESC LIMIT ?6`;
const newestOfAll = newest("subscription_of_tenant", "true");
const newestOfFace = newest("subscription_of_face", "face = ?2");
const newestOfOwner = newest("subscription_by_owner", "owner = ?7");
const state =
  "s.number, s.uuid, s.face, s.scope, s.event, s.filter, s.access, s.function, s.enabled, s.unconfirmed, s.from_revision, s.revision";
const listeningAfter = `SELECT ${state} FROM subscription s INDEXED BY subscription_listening
  WHERE tenant = ?1 AND number > ?2 AND deleted_ms IS NULL AND ended_ms IS NULL AND taken IS NULL AND (face = ?3 OR ?3 IS NULL)
  ORDER BY number LIMIT ?4`;
/** A uuid ends with the number of its kind. */
const scopesOfKind = `SELECT DISTINCT scope FROM subscription INDEXED BY subscription_by_scope_kind
  WHERE substr(scope, -3) = ? AND scope > ''`;
const everyOnScope = `SELECT ${whole} FROM subscription s INDEXED BY subscription_by_scope_kind
  WHERE substr(scope, -3) = ?1 AND scope = ?2 AND deleted_ms IS NULL AND ended_ms IS NULL`;
const revisionOf = "SELECT revision FROM tenant WHERE id = ?";
// One statement, so that the revision and what had changed by then are of one instant.
const changedAfter = `SELECT (SELECT revision FROM tenant WHERE id = ?1) AS tenant_revision, ${state}, s.deleted_ms, s.ended_ms, s.taken
  FROM subscription s WHERE s.tenant = ?1 AND (s.revision, s.number) > (?2, ?3) ORDER BY s.revision, s.number LIMIT ?4`;
const pastAt = `SELECT p.number, p.event, p.filter, p.to_revision, s.uuid, s.face, coalesce(p.scope, s.scope) AS scope
  FROM subscription_past p JOIN subscription s ON s.number = p.number
  WHERE p.tenant = ?1 AND p.from_revision <= ?2 AND (p.to_revision, p.number) > (?4, ?5) AND p.to_revision <= ?3
    AND p.off IS NULL
  ORDER BY p.to_revision, p.number LIMIT ?6`;
/** Of one scope, now there and once there, as many are looked at: a millisecond. */
const mostOnScope = 2_000;
const onScope = `SELECT number FROM subscription INDEXED BY subscription_by_scope
  WHERE tenant = ? AND scope = ? AND number > ? AND deleted_ms IS NULL AND ended_ms IS NULL ORDER BY number LIMIT ${mostOnScope}`;
const onceOnScope = `SELECT number FROM subscription_past INDEXED BY subscription_past_by_scope
  WHERE tenant = ? AND scope = ? AND number > ? ORDER BY number LIMIT ${mostOnScope}`;
/** Those of the numbers ?1 (JSON) that this caller sees. */
const seenAmong = `SELECT ${whole} FROM subscription s WHERE s.number IN (SELECT CAST(value AS bigint) FROM json_each(?1)) AND ${seenBy("?2", "?3")}`;
const readTogether = 200;
const historyAt = `SELECT scope, event, filter, off FROM subscription_past INDEXED BY subscription_past_of
  WHERE number = ?1 AND to_revision > ?2 AND from_revision <= ?2 ORDER BY to_revision LIMIT 1`;
const firstKnown = `SELECT from_revision FROM subscription_past INDEXED BY subscription_past_of
  WHERE number = ? ORDER BY to_revision LIMIT 1`;
const pausedThen = `SELECT reason, since_ms, until_ms FROM subscription_pause
  WHERE subscription = ?1 AND since_ms <= ?2 AND until_ms > ?2 ORDER BY since_ms DESC LIMIT 1`;

const sendsFromRevision = "SELECT sends_from_revision FROM subscription WHERE number = ?";

/** The reads of `Subscriptions`. */
export function subscriptions(reads: Reads): Subscriptions {
  return {
    get: async (uuid) => await reads.one(readSubscription, byUuid, uuid),
    byNumber: async (number) => await reads.one(readSubscription, byNumber, number),
    byNumbers: async (numbers) => (await reads.all(amongNumbers, JSON.stringify(numbers))).map(readSubscription),
    list: async ({ tenant, face, scope }, { after = 0, max }) => {
      const rows =
        scope === undefined
          ? await reads.all(liveOfTenant, tenant, after, face ?? null, max)
          : await reads.all(liveOfScope, tenant, after, face ?? null, max, scope);
      return rows.map(readSubscription);
    },
    newest: async (
      { tenant, face, owner, scope, deleted = false, viewer },
      { after = Number.MAX_SAFE_INTEGER, max },
    ) => {
      const params = [
        tenant,
        face ?? null,
        after,
        flag(deleted),
        scope ?? null,
        max,
        owner ?? null,
        ...viewing(viewer),
      ];
      const sql = owner !== undefined ? newestOfOwner : face === undefined ? newestOfAll : newestOfFace;
      return (await reads.all(sql, ...params)).map(readSubscription);
    },
    listening: async ({ tenant, face }, { after = 0, max }) =>
      (await reads.all(listeningAfter, tenant, after, face ?? null, max)).map(readState),
    everyOn: async (scope) =>
      (await reads.all(everyOnScope, scope.slice(-3), scope))
        .map(readSubscription)
        .toSorted((one, other) => one.number - other.number),
    scopesOf: async (kind) => (await reads.all(scopesOfKind, kinds[kind])).map((row) => text(row, "scope") as Uuid),
    changedSince: async (tenant, { revision, number }, max) => {
      // Nothing changed, as nearly always: asked before each operation that hooks may hold, and a tenth of the cost of the join.
      const now = Number((await reads.get(revisionOf, tenant))?.["revision"] ?? 0);
      if (now === revision && number === Number.MAX_SAFE_INTEGER) return { revision, changed: [] };
      const rows = await reads.all(changedAfter, tenant, revision, number, max);
      // Where nothing has changed until now, nothing had when the revision was read.
      return {
        revision: rows[0] === undefined ? now : integer(rows[0], "tenant_revision"),
        changed: rows.map(readState),
      };
    },
    everOn: async ({ tenant, scopes, viewer }, { after = 0, max }) => {
      const asked = scopes.flatMap((scope) =>
        [onScope, onceOnScope].map(async (sql) => reads.all(sql, tenant, scope, after)),
      );
      const rows = (await Promise.all(asked)).flat();
      const all = [...new Set(rows.map((row) => integer(row, "number")))].sort((a, b) => a - b);
      const found: Subscription[] = [];
      for (let at = 0; at < all.length && found.length < max; at += readTogether) {
        const some = JSON.stringify(all.slice(at, at + readTogether));
        found.push(...(await reads.all(seenAmong, some, ...viewing(viewer))).map(readSubscription));
      }
      return found.sort((a, b) => a.number - b.number).slice(0, max);
    },
    sendsFrom: async (number) =>
      (await reads.one((row) => integer(row, "sends_from_revision"), sendsFromRevision, number)) ?? 0,
    stood: async (number, { revision, atMs }) => {
      const [row, first, pause] = await Promise.all([
        reads.get(historyAt, number, revision),
        reads.get(firstKnown, number),
        reads.get(pausedThen, number, atMs),
      ]);
      return {
        ...(row === undefined ? {} : { version: readStood(row) }),
        ...optional("fromRevision", first === undefined ? undefined : integer(first, "from_revision")),
        ...(pause === undefined ? {} : { pause: readPause(pause) }),
      };
    },
    pastAt: async (tenant, { revision, upTo }, { after, max }) => {
      const from = after ?? { revision, number: Number.MAX_SAFE_INTEGER };
      return (await reads.all(pastAt, tenant, revision, upTo, from.revision, from.number, max)).map(readPast);
    },
  };
}

export function readSubscription(row: Row): Subscription {
  const to = throughOf(row);
  const target = targetOfRow(row, to);
  const own = JSON.parse(text(row, "policy")) as Subscription["policy"];
  const isOwn = target.kind !== "destination" || target.ownRetries === true;
  return {
    uuid: text(row, "uuid") as Uuid,
    number: integer(row, "number"),
    tenant: text(row, "tenant"),
    face: text(row, "face") as Face,
    scope: text(row, "scope") as Uuid,
    event: text(row, "event"),
    ...optional("filter", row["filter"] as FilterText | null),
    target,
    policy: isOwn ? own : (to?.policy ?? own),
    enabled: integer(row, "enabled") === 1,
    ...(row["once"] === 1 ? { once: true } : {}),
    ...optional("taken", row["taken"] as number | null),
    ...optional("outcome", row["outcome"] as "complete" | "failed" | null),
    ...(row["unconfirmed"] === 1 ? { unconfirmed: true } : {}),
    ...paceOf(parsed(row, "pace") as Pace | undefined),
    ...optional("capture", row["capture"] as Subscription["capture"] | null),
    ...optional("retry", parsed(row, "retry") as Subscription["retry"]),
    ...pauseOf(row),
    ...optional("deletedMs", row["deleted_ms"] as number | null),
    ...optional("endedMs", row["ended_ms"] as number | null),
    ...optional("managed", parsed(row, "managed") as Subscription["managed"]),
    owner: text(row, "owner"),
    createdMs: integer(row, "created_ms"),
    updatedMs: integer(row, "updated_ms"),
    fromRevision: integer(row, "from_revision"),
    revision: integer(row, "revision"),
  };
}

/** Of {@link through}. */
interface Through {
  readonly name: string;
  readonly target: Omit<DestinationWebhook, "sealed">;
  readonly sealed: string;
  readonly policy: Subscription["policy"] | null;
  readonly quiet: 0 | 1;
  readonly gone: 0 | 1;
}

function throughOf(row: Row): Through | undefined {
  return parsed(row, "through") as Through | undefined;
}

/** What S3's document set up gets S3's records, unless the destination has another format. */
function formatOf(row: Row, webhook: Through["target"]): Pick<DestinationWebhook, "sentAs"> {
  const isS3 = webhook.sentAs === undefined && typeof row["managed"] === "string";
  return isS3 ? { sentAs: "s3" } : {};
}

/** The target of a row that has `face`, `target`, `sealed` and {@link through}. */
export function targetOfRow(row: Row, to = throughOf(row)): Subscription["target"] {
  const stored = JSON.parse(text(row, "target")) as object;
  if (to === undefined) return { ...stored, ...optional("sealed", row["sealed"]) } as Subscription["target"];
  return {
    ...(stored as Pick<DestinationTarget, "kind" | "destination" | "ownRetries">),
    name: to.name,
    ...(to.quiet === 1 ? { quiet: true } : {}),
    ...(to.gone === 1 ? { gone: true } : {}),
    webhook: webhookOn(text(row, "face") as Face, { ...to.target, ...formatOf(row, to.target), sealed: to.sealed }),
  };
}

/** NULL and absent alike: they are not over. */
function readState(row: Row): ListeningState {
  const { deleted_ms: deletedMs = null, ended_ms: endedMs = null, taken = null } = row;
  const isOver = deletedMs !== null || endedMs !== null || taken !== null;
  return {
    number: integer(row, "number"),
    uuid: text(row, "uuid") as Uuid,
    face: text(row, "face") as Face,
    scope: text(row, "scope") as Uuid,
    event: text(row, "event"),
    ...optional("filter", row["filter"] as FilterText | null),
    ...optional("access", row["access"] as string | null),
    ...optional("runs", row["function"] as number | null),
    listens: row["enabled"] === 1 && row["unconfirmed"] === 0 && !isOver,
    fromRevision: integer(row, "from_revision"),
    revision: integer(row, "revision"),
  };
}

function readStood(row: Row): MatchedVersion {
  return {
    scope: text(row, "scope") as Uuid,
    event: text(row, "event"),
    ...optional("filter", row["filter"] as FilterText | null),
    ...optional("off", row["off"] as MatchedVersion["off"] | null),
  };
}

function readPause(row: Row): PastPause {
  return {
    reason: text(row, "reason") as PastPause["reason"],
    sinceMs: integer(row, "since_ms"),
    untilMs: integer(row, "until_ms"),
  };
}

function readPast(row: Row): PastVersion {
  return {
    toRevision: integer(row, "to_revision"),
    number: integer(row, "number"),
    uuid: text(row, "uuid") as Uuid,
    face: text(row, "face") as Face,
    scope: text(row, "scope") as Uuid,
    event: text(row, "event"),
    ...optional("filter", row["filter"] as FilterText | null),
  };
}

export function pauseOf(row: Row): Pick<Subscription, "paused"> {
  if (row["paused_ms"] === null) return {};
  return { paused: { reason: text(row, "pause_reason") as Pause["reason"], sinceMs: integer(row, "paused_ms") } };
}

/** One that was taken back stays as an empty one. */
function paceOf(pace: Pace | undefined): Pick<Subscription, "pace"> {
  return pace === undefined || Object.keys(pace).length === 0 ? {} : { pace };
}
