import type { Uuid } from "../../domain/ids.ts";
import type { Apps } from "../apps.ts";
import type { Functions, ListedVersion } from "../functions.ts";
import type { Invocations } from "../invocations.ts";
import type { App, FunctionVersion, KnownFunction, Role } from "../records.ts";
import { invocations } from "./invocations.ts";
import { integer, optional, type Reads, type Row, text } from "./step.ts";
import { subscribers } from "./subscribers.ts";
import type { Reserve } from "./wire.ts";

const appBySlug = "SELECT * FROM app WHERE tenant = ? AND slug = ? AND deleted = 0";
const appByUuid = "SELECT * FROM app WHERE uuid = ? AND deleted = 0";
const appsAfter = "SELECT * FROM app WHERE tenant = ? AND number > ? AND deleted = 0 ORDER BY number LIMIT ?";

const known = `SELECT f.*, a.name AS app_name, a.slug AS app_slug, a.uuid AS app_uuid
  FROM function f JOIN app a ON a.number = f.app`;
const functionByNumber = `${known} WHERE f.number = ?`;
const functionByUuid = `${known} WHERE f.uuid = ? AND f.deleted_ms IS NULL`;
const functionBySlug = `${known} WHERE f.app = ? AND f.slug = ? AND f.deleted_ms IS NULL`;
const functionsAfter = `${known} WHERE f.app = ? AND f.number > ? AND f.deleted_ms IS NULL ORDER BY f.number LIMIT ?`;

const versionByNumber = "SELECT * FROM function_version WHERE function = ? AND number = ?";
/** The same source may have been uploaded twice: the newest. */
const versionByHash = "SELECT * FROM function_version WHERE function = ? AND hash = ? ORDER BY number DESC LIMIT 1";
const listed = "SELECT function, number, hash, language, created_ms, created_by, ran FROM function_version";
const versionsBefore = `${listed} WHERE function = ? AND number < ? ORDER BY number DESC LIMIT ?`;
const ranBefore = `${listed} WHERE function = ? AND number < ? AND ran = 1 ORDER BY number DESC LIMIT 1`;

/** The reads of `Apps`, `Functions` and `Invocations`. Numbers of invocations are reserved by the writer. */
export function functions(reads: Reads, reserve: Reserve): Apps & Functions & Invocations {
  return {
    app: async (tenant, slug) => await reads.one(readApp, appBySlug, tenant, slug),
    appByUuid: async (uuid) => await reads.one(readApp, appByUuid, uuid),
    apps: async (tenant, { after = 0, max }) => (await reads.all(appsAfter, tenant, after, max)).map(readApp),
    byNumber: async (number) => await reads.one(readFunction, functionByNumber, number),
    byUuid: async (uuid) => await reads.one(readFunction, functionByUuid, uuid),
    bySlug: async (app, slug) => await reads.one(readFunction, functionBySlug, app, slug),
    list: async (app, { after = 0, max }) => (await reads.all(functionsAfter, app, after, max)).map(readFunction),
    version: async (place) => await reads.one(readVersion, versionByNumber, place.function, place.number),
    versionByHash: async (place) => await reads.one(readVersion, versionByHash, place.function, place.hash),
    versions: async (fn, { after = Number.MAX_SAFE_INTEGER, max }) =>
      (await reads.all(versionsBefore, fn, after, max)).map(readListedVersion),
    ranBefore: async (place) => await reads.one(readListedVersion, ranBefore, place.function, place.number),
    reserveInvocations: (count) => reserve("last_invocation", count),
    ...subscribers(reads),
    ...invocations(reads),
  };
}

function readApp(row: Row): App {
  return {
    uuid: text(row, "uuid") as Uuid,
    number: integer(row, "number"),
    tenant: text(row, "tenant"),
    slug: text(row, "slug"),
    name: text(row, "name"),
    owner: text(row, "owner"),
    createdMs: integer(row, "created_ms"),
    updatedMs: integer(row, "updated_ms"),
  };
}

function readFunction(row: Row): KnownFunction {
  return {
    uuid: text(row, "uuid") as Uuid,
    number: integer(row, "number"),
    tenant: text(row, "tenant"),
    app: integer(row, "app"),
    appName: text(row, "app_name"),
    appSlug: text(row, "app_slug"),
    appUuid: text(row, "app_uuid") as Uuid,
    slug: text(row, "slug"),
    name: text(row, "name"),
    enabled: integer(row, "enabled") === 1,
    timeoutMs: integer(row, "timeout_ms"),
    env: JSON.parse(text(row, "env")) as KnownFunction["env"],
    ...optional("sealedSecrets", row["sealed_secrets"] as string | null),
    secretNames: JSON.parse(text(row, "secret_names")) as string[],
    secretRoles: JSON.parse(text(row, "secret_roles")) as KnownFunction["secretRoles"],
    egress: JSON.parse(text(row, "egress")) as string[],
    writes: integer(row, "writes") === 1,
    version: integer(row, "version"),
    owner: text(row, "owner"),
    author: text(row, "author"),
    role: text(row, "role") as Role,
    createdMs: integer(row, "created_ms"),
    updatedMs: integer(row, "updated_ms"),
    revision: integer(row, "revision"),
    ...optional("deletedMs", row["deleted_ms"] as number | null),
  };
}

function readListedVersion(row: Row): ListedVersion {
  return {
    function: integer(row, "function"),
    number: integer(row, "number"),
    hash: text(row, "hash"),
    language: text(row, "language") as FunctionVersion["language"],
    createdMs: integer(row, "created_ms"),
    createdBy: text(row, "created_by"),
    ...(integer(row, "ran") === 1 ? {} : { neverRan: true }),
  };
}

function readVersion(row: Row): FunctionVersion {
  return {
    ...readListedVersion(row),
    source: text(row, "source"),
    js: text(row, "js"),
    ...optional("map", row["map"] as string | null),
  };
}
