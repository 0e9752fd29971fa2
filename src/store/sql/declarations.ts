import type { EventTypeDefinition } from "../../domain/catalog.ts";
import type { KindInput } from "../../domain/notifications/resource-kinds.ts";
import type {
  DeclarationChange,
  DeclarationCondition,
  StoredDeclaration,
  StoredEventType,
  StoredKind,
  SubscribedQuery,
} from "../declarations.ts";
import type { Declarations } from "../store.ts";
import { type Check, flag, integer, optional, type Reads, type Row, type Sql, type Step, text } from "./step.ts";
import { readSubscription } from "./subscription-reads.ts";

/** What a platform declares while Signalbox runs. */

const revise = "UPDATE meta SET value = value + 1 WHERE key = 'declarations'";
const revision = "SELECT value AS revision FROM meta WHERE key = 'declarations'";
const put = `INSERT INTO declaration (sort, name, version, definition, declared_by, created_ms, updated_ms, revision)
  VALUES (?, ?, 1, ?, ?, ?, ?, (SELECT value FROM meta WHERE key = 'declarations'))
  ON CONFLICT (sort, name) DO UPDATE SET version = declaration.version + 1, definition = excluded.definition,
    declared_by = excluded.declared_by, updated_ms = excluded.updated_ms, revision = excluded.revision`;
const remove = "DELETE FROM declaration WHERE sort = ? AND name = ?";

export function declarationChange(change: DeclarationChange): Step[] {
  switch (change.do) {
    case "declaration.put": {
      const { sort, name, definition, by, createdMs, updatedMs } = change.declaration;
      const row = [sort, name, JSON.stringify(definition), by ?? null, createdMs, updatedMs];
      return [
        { sql: revise, params: [] },
        { sql: put, params: row },
      ];
    }
    case "declaration.remove":
      return [
        { sql: revise, params: [] },
        { sql: remove, params: [change.sort, change.name] },
      ];
    default:
      return change satisfies never;
  }
}

const present = "SELECT 1 FROM declaration WHERE sort = ? AND name = ?";
const unchanged = "SELECT 1 FROM declaration WHERE sort = ? AND name = ? AND revision = ?";
const allUnchanged = "SELECT 1 FROM meta WHERE key = 'declarations' AND value = ?";
const crowded = "SELECT 1 FROM declaration WHERE sort = ? LIMIT 1 OFFSET ? - 1";
/** ?2: whether only those with a filter count. */
const subscribers = `FROM subscription INDEXED BY subscription_to_event
  WHERE face = 'lifecycle' AND deleted_ms IS NULL AND ended_ms IS NULL AND event = ?1 AND (filter IS NOT NULL) >= ?2`;
const subscribedState = `SELECT count(*) AS count, coalesce(sum(number), 0) AS numbers, coalesce(sum(revision), 0) AS revisions
  ${subscribers}`;
const stillSubscribed = `SELECT 1 FROM (${subscribedState}) now WHERE count = ?3 AND numbers = ?4 AND revisions = ?5`;
const registered = "SELECT 1 FROM registered INDEXED BY registered_by_kind WHERE kind = ? LIMIT 1";

export function declarationCheck(condition: DeclarationCondition): Check {
  switch (condition.if) {
    case "declaration.is": {
      const { sort, name } = condition;
      return condition.revision === null
        ? { sql: present, params: [sort, name], expect: "none" }
        : { sql: unchanged, params: [sort, name, condition.revision], expect: "row" };
    }
    case "declarations.are":
      return { sql: allUnchanged, params: [condition.revision], expect: "row" };
    case "declarations.fewer":
      return { sql: crowded, params: [condition.sort, condition.fewer], expect: "none" };
    case "declaration.subscribed": {
      const { count, numbers, revisions } = condition.are;
      return { sql: stillSubscribed, params: [...those(condition.to), count, numbers, revisions], expect: "row" };
    }
    case "declaration.unused":
      return { sql: registered, params: [condition.kind], expect: "none" };
    default:
      return condition satisfies never;
  }
}

function those({ event, filtered }: SubscribedQuery): readonly [event: Sql, filtered: Sql] {
  return [event, flag(filtered)];
}

const one = "SELECT * FROM declaration WHERE sort = ? AND name = ?";
const ofSort = "SELECT * FROM declaration WHERE sort = ? AND name > ? ORDER BY name LIMIT ?";
const changedSince = "SELECT * FROM declaration INDEXED BY declaration_by_revision WHERE revision > ?";
const names = "SELECT sort, name FROM declaration";
const subscribed = `SELECT * ${subscribers} AND number > ?3 ORDER BY number LIMIT ?4`;
const countRegistered =
  "SELECT count(*) AS count FROM (SELECT 1 FROM registered INDEXED BY registered_by_kind WHERE kind = ? LIMIT ?) few";

/** The reads of `Declarations`. */
export function declarations(reads: Reads): Declarations {
  const now = async (): Promise<number> => integer((await reads.get(revision)) ?? {}, "revision");
  return {
    eventType: async (name) => await reads.one(readEventType, one, "event_type", name),
    kind: async (name) => await reads.one(readKind, one, "kind", name),
    eventTypes: async ({ after = "", max }) => (await reads.all(ofSort, "event_type", after, max)).map(readEventType),
    kinds: async ({ after = "", max }) => (await reads.all(ofSort, "kind", after, max)).map(readKind),
    revision: async () => now(),
    changedSince: async (from) => {
      // First: what another connection commits between these reads is newer, and found again.
      const upTo = await now();
      const changed = (await reads.all(changedSince, from)).map(readDeclaration);
      const all = (await reads.all(names)).map((row) => `${text(row, "sort")}:${text(row, "name")}`);
      return { revision: upTo, changed, names: new Set(all) };
    },
    subscribed: async (query, { after = 0, max }) =>
      (await reads.all(subscribed, ...those(query), after, max)).map(readSubscription),
    subscribedState: async (query) => {
      const row = (await reads.get(subscribedState, ...those(query))) ?? {};
      return {
        count: integer(row, "count"),
        numbers: integer(row, "numbers"),
        revisions: integer(row, "revisions"),
      };
    },
    registered: async (kind, max) => integer((await reads.get(countRegistered, kind, max)) ?? {}, "count"),
  };
}

function readDeclaration(row: Row): StoredDeclaration {
  return text(row, "sort") === "kind" ? readKind(row) : readEventType(row);
}

function readEventType(row: Row): StoredEventType {
  const definition = JSON.parse(text(row, "definition")) as EventTypeDefinition;
  return { sort: "event_type", definition, ...readStored(row) };
}

function readKind(row: Row): StoredKind {
  return { sort: "kind", definition: JSON.parse(text(row, "definition")) as KindInput, ...readStored(row) };
}

function readStored(row: Row) {
  return {
    name: text(row, "name"),
    version: integer(row, "version"),
    ...optional("by", row["declared_by"] as string | null),
    createdMs: integer(row, "created_ms"),
    updatedMs: integer(row, "updated_ms"),
    revision: integer(row, "revision"),
  };
}
