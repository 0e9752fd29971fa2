import type { JsonSchema } from "../../domain/catalog.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { Params } from "../../domain/lifecycle.ts";
import type { StoredUser } from "../records.ts";
import type { Users } from "../store.ts";
import type { NewUser } from "../unit.ts";
import type { UserChange, UserCondition } from "../users.ts";
import { type Check, flag, integer, type Reads, type Row, type Sql, type Step, text } from "./step.ts";
import type { Reserve } from "./wire.ts";

const add = `INSERT INTO "user"
  (uuid, username, folded, email, first_name, last_name, attributes, updated_ms, email_verified, number, tenant, created_ms,
   revision)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`;
const put = `UPDATE "user" SET username = ?2, folded = ?3, email = ?4, first_name = ?5, last_name = ?6, attributes = ?7,
    updated_ms = ?8, email_verified = ?9, revision = revision + 1
  WHERE uuid = ?1`;
const remove = `DELETE FROM "user" WHERE uuid = ?`;
const putSchema = `INSERT INTO user_schema (tenant, schema) VALUES (?, ?)
  ON CONFLICT (tenant) DO UPDATE SET schema = excluded.schema`;
const removeSchema = "DELETE FROM user_schema WHERE tenant = ?";

export function userChange(change: UserChange): Step[] {
  switch (change.do) {
    case "user.add": {
      const { number, tenant, createdMs } = change.user;
      return [{ sql: add, params: [...userRow(change.user), number, tenant, createdMs] }];
    }
    case "user.put":
      return [{ sql: put, params: userRow(change.user) }];
    case "user.remove":
      return [{ sql: remove, params: [change.uuid] }];
    case "userSchema.put":
      return change.schema === null
        ? [{ sql: removeSchema, params: [change.tenant] }]
        : [{ sql: putSchema, params: [change.tenant, JSON.stringify(change.schema)] }];
    default:
      return change satisfies never;
  }
}

/** What makes two names one. */
function folded(username: string): string {
  return username.toLowerCase();
}

function userRow(user: NewUser): Sql[] {
  const { uuid, username, email, firstName, lastName, attributes, updatedMs, emailVerified } = user;
  const said = [uuid, username, folded(username), email, firstName, lastName, JSON.stringify(attributes)];
  return [...said, updatedMs, flag(emailVerified)];
}

const nameTaken = `SELECT 1 FROM "user" WHERE tenant = ? AND folded = ? AND uuid IS DISTINCT FROM ?`;
const unchanged = `SELECT 1 FROM "user" WHERE uuid = ? AND revision = ?`;

export function userCheck(condition: UserCondition): Check {
  switch (condition.if) {
    case "user.nameFree": {
      const params = [condition.tenant, folded(condition.username), condition.except ?? null];
      return { sql: nameTaken, params, expect: "none" };
    }
    case "user.revision":
      return { sql: unchanged, params: [condition.uuid, condition.revision], expect: "row" };
    default:
      return condition satisfies never;
  }
}

const byNumber = `SELECT * FROM "user" WHERE number = ? AND tenant = ?`;
const byUuid = `SELECT * FROM "user" WHERE uuid = ?`;
const byName = `SELECT * FROM "user" WHERE tenant = ? AND folded = ?`;
const usersAfter = `SELECT * FROM "user" WHERE tenant = ? AND number > ? ORDER BY number LIMIT ?`;
const withEmail = `SELECT * FROM "user" WHERE tenant = ? AND email = ? AND number > ? ORDER BY number LIMIT ?`;
/** At most one: names are unique. */
const withName = `SELECT * FROM "user"
  WHERE tenant = ?1 AND folded = ?2 AND username = ?3 AND number > ?4 AND (email = ?5 OR ?5 IS NULL)`;
const schemaOf = "SELECT schema FROM user_schema WHERE tenant = ?";

/** The reads of `Users`. */
export function users(reads: Reads, reserve: Reserve): Users {
  return {
    reserveNumbers: (count) => reserve("last_user", count),
    byNumber: async ({ tenant, number }) => await reads.one(readUser, byNumber, number, tenant),
    byUuid: async (uuid) => await reads.one(readUser, byUuid, uuid),
    byName: async (tenant, username) => await reads.one(readUser, byName, tenant, folded(username)),
    list: async ({ tenant, email, username }, { after = 0, max }) => {
      const rows =
        username !== undefined
          ? (await reads.all(withName, tenant, folded(username), username, after, email ?? null)).slice(0, max)
          : email !== undefined
            ? await reads.all(withEmail, tenant, email, after, max)
            : await reads.all(usersAfter, tenant, after, max);
      return rows.map(readUser);
    },
    schema: async (tenant) => await reads.one((row) => JSON.parse(text(row, "schema")) as JsonSchema, schemaOf, tenant),
  };
}

function readUser(row: Row): StoredUser {
  return {
    uuid: text(row, "uuid") as Uuid,
    number: integer(row, "number"),
    tenant: text(row, "tenant"),
    username: text(row, "username"),
    email: text(row, "email"),
    firstName: text(row, "first_name"),
    lastName: text(row, "last_name"),
    attributes: JSON.parse(text(row, "attributes")) as Params,
    emailVerified: integer(row, "email_verified") === 1,
    createdMs: integer(row, "created_ms"),
    updatedMs: integer(row, "updated_ms"),
    revision: integer(row, "revision"),
  };
}
