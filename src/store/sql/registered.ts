import type { Uuid } from "../../domain/ids.ts";
import type { Params } from "../../domain/lifecycle.ts";
import type { Registered } from "../records.ts";
import type { RegisteredChange, RegisteredCondition } from "../registered.ts";
import type { RegisteredResources } from "../store.ts";
import { type Check, integer, json, optional, parsed, type Reads, type Row, type Step, text } from "./step.ts";

/** What a host registered, and what holds for resources of every kind. */

const put = `INSERT INTO registered (uuid, tenant, kind, owner, app, data, created_ms, updated_ms, parents, revision)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
  ON CONFLICT (uuid) DO UPDATE SET owner = excluded.owner, app = excluded.app, data = excluded.data,
    updated_ms = excluded.updated_ms, parents = excluded.parents, revision = registered.revision + 1`;
const remove = "DELETE FROM registered WHERE uuid = ?";
/** What had the same uuid before was shared by another owner: who could see that does not see this. */
const dropEnded = "DELETE FROM resource_grant WHERE resource = ? AND ended_ms IS NOT NULL";
const endGrants = "UPDATE resource_grant SET ended_ms = ?2 WHERE resource = ?1 AND ended_ms IS NULL";

export function resourceChange(change: RegisteredChange): Step[] {
  switch (change.do) {
    case "registered.put": {
      const { uuid, tenant, kind, owner, app, data, createdMs, updatedMs, parents } = change.resource;
      const params = [
        uuid,
        tenant,
        kind,
        owner,
        app ?? null,
        JSON.stringify(data),
        createdMs,
        updatedMs,
        json(parents),
      ];
      return [
        { sql: dropEnded, params: [uuid] },
        { sql: put, params },
      ];
    }
    case "registered.remove":
      return [{ sql: remove, params: [change.uuid] }];
    case "resource.end":
      return endResource(change.uuid, change.atMs);
    default:
      return change satisfies never;
  }
}

/** Its grants count no more, but for those who are notified of its end. */
export function endResource(uuid: Uuid, atMs: number): Step[] {
  return [{ sql: endGrants, params: [uuid, atMs] }];
}

const live = `SELECT 1 FROM object WHERE uuid = ?1
  UNION ALL SELECT 1 FROM bucket WHERE uuid = ?1 AND deleted_ms IS NULL
  UNION ALL SELECT 1 FROM "user" WHERE uuid = ?1
  UNION ALL SELECT 1 FROM app WHERE uuid = ?1 AND deleted = 0
  UNION ALL SELECT 1 FROM function WHERE uuid = ?1 AND deleted_ms IS NULL
  UNION ALL SELECT 1 FROM subscription WHERE uuid = ?1 AND deleted_ms IS NULL
  UNION ALL SELECT 1 FROM registered WHERE uuid = ?1 LIMIT 1`;
const unchanged = "SELECT 1 FROM registered WHERE uuid = ? AND revision = ?";

export function resourceCheck(condition: RegisteredCondition): Check {
  switch (condition.if) {
    case "resource.live":
      return { sql: live, params: [condition.uuid], expect: "row" };
    case "resource.absent":
      return { sql: live, params: [condition.uuid], expect: "none" };
    case "registered.revision":
      return { sql: unchanged, params: [condition.uuid, condition.revision], expect: "row" };
    default:
      return condition satisfies never;
  }
}

const byUuid = "SELECT * FROM registered WHERE uuid = ?";
const ofOwner =
  "SELECT * FROM registered WHERE tenant = ? AND kind = ? AND owner = ? AND uuid > ? ORDER BY uuid LIMIT ?";
const ofKind = "SELECT * FROM registered WHERE tenant = ? AND kind = ? AND uuid > ? ORDER BY uuid LIMIT ?";

/** The reads of `RegisteredResources`. */
export function registered(reads: Reads): RegisteredResources {
  return {
    get: async (uuid) => await reads.one(readRegistered, byUuid, uuid),
    list: async ({ tenant, kind, owner }, { after = "", max }) =>
      (owner === undefined
        ? await reads.all(ofKind, tenant, kind, after, max)
        : await reads.all(ofOwner, tenant, kind, owner, after, max)
      ).map(readRegistered),
  };
}

function readRegistered(row: Row): Registered {
  return {
    uuid: text(row, "uuid") as Uuid,
    tenant: text(row, "tenant"),
    kind: text(row, "kind"),
    owner: text(row, "owner"),
    ...optional("app", row["app"] as string | null),
    data: JSON.parse(text(row, "data")) as Params,
    createdMs: integer(row, "created_ms"),
    updatedMs: integer(row, "updated_ms"),
    ...optional("parents", parsed(row, "parents") as readonly Uuid[] | undefined),
    revision: integer(row, "revision"),
  };
}
