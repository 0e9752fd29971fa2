import type { AppChange, AppCondition } from "../apps.ts";
import { keptVersions } from "../function-records.ts";
import type { FunctionChange, FunctionCondition } from "../functions.ts";
import type { FunctionVersion } from "../records.ts";
import type { FunctionPatch, NewApp, NewFunction } from "../unit.ts";
import { type Check, flag, json, optionalFlag, type Sql, type Step } from "./step.ts";
import { removeSubscribers } from "./subscribers.ts";
import { endSubscriptionsOfApp } from "./subscriptions.ts";

/** How apps, functions and their versions are written; `function-reads.ts` reads them back. */

type Written = AppChange | FunctionChange;
type Checked = AppCondition | FunctionCondition;

const addApp = `INSERT INTO app (uuid, tenant, slug, name, owner, created_ms, updated_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const changeApp = "UPDATE app SET name = ?2, updated_ms = ?3 WHERE uuid = ?1 AND deleted = 0";
const removeApp = "UPDATE app SET deleted = 1 WHERE uuid = ? AND deleted = 0";

// An unknown app has no number and fails on NOT NULL.
const addFunction = `INSERT INTO function
  (uuid, tenant, app, slug, name, enabled, timeout_ms, env, sealed_secrets, secret_names, egress, writes, owner, role,
   created_ms, updated_ms, author, secret_roles, version, revision)
  VALUES (?2, ?3, (SELECT a.number FROM app a WHERE a.uuid = ?1 AND a.tenant = ?3 AND a.deleted = 0), ?4, ?5, ?6, ?7, ?8,
   ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, 1, 1)`;
const addFirstVersion = `INSERT INTO function_version
  (function, number, hash, language, created_ms, created_by, source, js, map)
  VALUES ((SELECT f.number FROM function f WHERE f.uuid = ?1), 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`;
/** A version that does not exist is NULL and fails. ?12: whether the secrets are given. */
const changeFunction = `UPDATE function SET
    name = coalesce(?3, name),
    enabled = coalesce(?4, enabled),
    timeout_ms = coalesce(?5, timeout_ms),
    env = coalesce(?6, env),
    secret_names = coalesce(?7, secret_names),
    egress = coalesce(?8, egress),
    writes = coalesce(?9, writes),
    role = coalesce(?10, role),
    version = CASE WHEN CAST(?11 AS bigint) IS NULL THEN version
      ELSE (SELECT v.number FROM function_version v WHERE v.function = ?1 AND v.number = ?11) END,
    sealed_secrets = CASE WHEN ?12 = 1 THEN ?13 ELSE sealed_secrets END,
    author = coalesce(?14, author),
    secret_roles = coalesce(?15, secret_roles),
    updated_ms = ?2,
    revision = revision + 1
  WHERE number = ?1 AND deleted_ms IS NULL`;
const removeFunction = `UPDATE function
  SET deleted_ms = ?2, sealed_secrets = NULL, secret_names = '[]', secret_roles = '{}', revision = revision + 1
  WHERE number = ?1 AND deleted_ms IS NULL`;
const addVersion = `INSERT INTO function_version
  (function, number, hash, language, created_ms, created_by, source, js, map, ran)
  SELECT f.number, (SELECT max(v.number) FROM function_version v WHERE v.function = f.number) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
  FROM function f WHERE f.number = ?1 AND f.deleted_ms IS NULL`;
const runNewest = `UPDATE function SET
    version = (SELECT max(v.number) FROM function_version v WHERE v.function = ?1),
    updated_ms = ?2,
    revision = revision + 1
  WHERE number = ?1 AND deleted_ms IS NULL`;

const markRan = "UPDATE function_version SET ran = 1 WHERE function = ? AND number = ? AND ran = 0";

/** Those that are older may go: nothing but going back to them reads them, and code and map of one can be megabytes. */
const pruneVersions = `DELETE FROM function_version WHERE function = ?1
  AND number <> (SELECT f.version FROM function f WHERE f.number = ?1)
  AND number <= (SELECT max(v.number) FROM function_version v WHERE v.function = ?1) - ${keptVersions}`;

export function functionChange(change: Written): Step[] {
  switch (change.do) {
    case "app.add":
      return [{ sql: addApp, params: appRow(change.app) }];
    case "app.change":
      return [{ sql: changeApp, params: [change.uuid, change.name, change.atMs] }];
    case "app.remove":
      return [...endSubscriptionsOfApp(change.uuid, change.atMs), { sql: removeApp, params: [change.uuid] }];
    case "function.add":
      return [
        { sql: addFunction, params: [change.app, ...functionRow(change.function)] },
        { sql: addFirstVersion, params: [change.function.uuid, ...versionRow(change.version)] },
      ];
    case "function.change":
      return [
        { sql: changeFunction, params: [change.number, change.atMs, ...patchRow(change.patch)] },
        ...(change.patch.version === undefined
          ? []
          : [{ sql: markRan, params: [change.number, change.patch.version] }]),
      ];
    case "function.remove":
      // Itself last: ending its subscriptions asks whether it was live.
      return [
        ...removeSubscribers(change.number, change.atMs),
        { sql: removeFunction, params: [change.number, change.atMs] },
      ];
    case "version.add":
      return [
        { sql: addVersion, params: [change.version.function, ...versionRow(change.version), 1] },
        { sql: runNewest, params: [change.version.function, change.atMs] },
        { sql: pruneVersions, params: [change.version.function] },
      ];
    case "version.keep":
      return [
        { sql: addVersion, params: [change.version.function, ...versionRow(change.version), 0] },
        { sql: pruneVersions, params: [change.version.function] },
      ];
    default:
      return change satisfies never;
  }
}

function appRow({ uuid, tenant, slug, name, owner, createdMs, updatedMs }: NewApp): Sql[] {
  return [uuid, tenant, slug, name, owner, createdMs, updatedMs];
}

function functionRow(fn: NewFunction): Sql[] {
  return [
    fn.uuid,
    fn.tenant,
    fn.slug,
    fn.name,
    flag(fn.enabled),
    fn.timeoutMs,
    JSON.stringify(fn.env),
    fn.sealedSecrets ?? null,
    JSON.stringify(fn.secretNames),
    JSON.stringify(fn.egress),
    flag(fn.writes),
    fn.owner,
    fn.role,
    fn.createdMs,
    fn.updatedMs,
    fn.author,
    JSON.stringify(fn.secretRoles),
  ];
}

function patchRow(patch: FunctionPatch): Sql[] {
  return [
    patch.name ?? null,
    optionalFlag(patch.enabled),
    patch.timeoutMs ?? null,
    json(patch.env),
    json(patch.secretNames),
    json(patch.egress),
    optionalFlag(patch.writes),
    patch.role ?? null,
    patch.version ?? null,
    flag(patch.sealedSecrets !== undefined),
    patch.sealedSecrets ?? null,
    patch.author ?? null,
    json(patch.secretRoles),
  ];
}

function versionRow(version: Omit<FunctionVersion, "function" | "number">): Sql[] {
  const { hash, language, createdMs, createdBy, source, js, map } = version;
  return [hash, language, createdMs, createdBy, source, js, map ?? null];
}

const appSlugTaken = "SELECT 1 FROM app WHERE tenant = ? AND slug = ? AND deleted = 0";
const manyApps = "SELECT 1 FROM app WHERE tenant = ? AND deleted = 0 LIMIT 1 OFFSET ? - 1";
const manyFunctions = "SELECT 1 FROM function WHERE app = ? AND deleted_ms IS NULL LIMIT 1 OFFSET ? - 1";
const appLive = "SELECT 1 FROM app WHERE uuid = ? AND deleted = 0";
const appHolds = `SELECT 1 FROM function
  WHERE app = (SELECT a.number FROM app a WHERE a.uuid = ?) AND deleted_ms IS NULL LIMIT 1`;
const functionSlugTaken = "SELECT 1 FROM function WHERE app = ? AND slug = ? AND deleted_ms IS NULL";
const functionUnchanged = "SELECT 1 FROM function WHERE number = ? AND revision = ? AND deleted_ms IS NULL";

export function functionCheck(condition: Checked): Check {
  switch (condition.if) {
    case "app.slugFree":
      return { sql: appSlugTaken, params: [condition.tenant, condition.slug], expect: "none" };
    case "apps.fewer":
      return { sql: manyApps, params: [condition.tenant, condition.fewer], expect: "none" };
    case "app.exists":
      return { sql: appLive, params: [condition.uuid], expect: "row" };
    case "app.empty":
      return { sql: appHolds, params: [condition.uuid], expect: "none" };
    case "function.slugFree":
      return { sql: functionSlugTaken, params: [condition.app, condition.slug], expect: "none" };
    case "functions.fewer":
      return { sql: manyFunctions, params: [condition.app, condition.fewer], expect: "none" };
    case "function.revision":
      return { sql: functionUnchanged, params: [condition.number, condition.revision], expect: "row" };
    default:
      return condition satisfies never;
  }
}
