import type { Grant, HostScope, Permission, Principal, Role } from "../../domain/access.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { CredentialChange, CredentialCondition, Credentials } from "../credentials.ts";
import type { GrantChange, GrantCondition, Grants } from "../grants.ts";
import type { IdentityChange, IdentityCondition } from "../identities.ts";
import type { AccessKey, KnownAccessKey, KnownToken, StoredPrincipal, Tenant, Token } from "../records.ts";
import type { Identities } from "../store.ts";
import { countersOf } from "./quotas.ts";
import { endSessionsByReplaced, endSessionsByToken, endSessionsByTokensOf, endSessionsOf } from "./sessions.ts";
import {
  type Check,
  flag,
  integer,
  json,
  optional,
  type Reads,
  type Repeated,
  type Row,
  type Step,
  text,
} from "./step.ts";
import { pauseSubscriptionsBeyond, pauseSubscriptionsOf } from "./subscriptions.ts";

type Written = IdentityChange | CredentialChange | GrantChange;
type Checked = IdentityCondition | CredentialCondition | GrantCondition;

const addTenant = "INSERT INTO tenant (id, name, created_ms) VALUES (?, ?, ?)";
const putPrincipal = `INSERT INTO principal (tenant, name, role, "user", created_ms, ended_ms) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (tenant, name) DO UPDATE SET role = excluded.role, "user" = excluded."user", ended_ms = excluded.ended_ms`;
// Not INSERT OR REPLACE: it would also drop another token that has the same hash.
const putToken = `INSERT INTO token (uuid, tenant, principal, hash, label, created_ms, expires_ms, revoked_ms,
    all_tenants, event_types, kinds, made_by)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (uuid) DO UPDATE SET
    tenant = excluded.tenant, principal = excluded.principal, hash = excluded.hash, label = excluded.label,
    created_ms = excluded.created_ms, expires_ms = excluded.expires_ms, revoked_ms = excluded.revoked_ms,
    all_tenants = excluded.all_tenants, event_types = excluded.event_types, kinds = excluded.kinds,
    made_by = excluded.made_by`;
const revokeToken = "UPDATE token SET revoked_ms = ? WHERE uuid = ? AND tenant = ? AND revoked_ms IS NULL";
const putAccessKey = `INSERT INTO access_key (id, tenant, principal, sealed_secret, label, created_ms)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET tenant = excluded.tenant, principal = excluded.principal,
    sealed_secret = excluded.sealed_secret, label = excluded.label, created_ms = excluded.created_ms`;
const removeAccessKey = "DELETE FROM access_key WHERE id = ? AND tenant = ?";
const putGrant = `INSERT INTO resource_grant (resource, grantee, permission) VALUES (?, ?, ?)
  ON CONFLICT (resource, grantee) DO UPDATE SET permission = excluded.permission, ended_ms = NULL`;
const removeGrant = "DELETE FROM resource_grant WHERE resource = ? AND grantee = ?";

export function identityChange(change: Written): Step[] {
  switch (change.do) {
    case "tenant.add": {
      const { id, name, createdMs } = change.tenant;
      return [{ sql: addTenant, params: [id, name, createdMs] }, countersOf(id)];
    }
    case "principal.put": {
      const { tenant, name, role, user, createdMs, endedMs } = change.principal;
      return [{ sql: putPrincipal, params: [tenant, name, role, user ?? null, createdMs, endedMs ?? null] }];
    }
    case "principal.end":
      return endPrincipal(change);
    case "principal.lowered":
      return pauseSubscriptionsBeyond(change);
    case "token.put":
      return [
        ...endSessionsByReplaced(change.token.uuid, change.token.hash),
        { sql: putToken, params: tokenRow(change.token) },
      ];
    case "token.revoke":
      return [
        { sql: revokeToken, params: [change.atMs, change.uuid, change.tenant] },
        ...endSessionsByToken(change.uuid, change.tenant),
      ];
    case "accessKey.put": {
      const { id, tenant, principal, sealedSecret, label, createdMs } = change.key;
      return [{ sql: putAccessKey, params: [id, tenant, principal, sealedSecret, label, createdMs] }];
    }
    case "accessKey.remove":
      return [{ sql: removeAccessKey, params: [change.id, change.tenant] }];
    case "grant.put": {
      const { resource, grantee, permission } = change.grant;
      return [{ sql: putGrant, params: [resource, grantee, permission] }];
    }
    case "grant.remove":
      return [{ sql: removeGrant, params: [change.resource, change.grantee] }];
    default:
      return change satisfies never;
  }
}

const endOne = "UPDATE principal SET ended_ms = ?3 WHERE tenant = ?1 AND name = ?2 AND ended_ms IS NULL";
const revokeTokensOf = "UPDATE token SET revoked_ms = ?3 WHERE tenant = ?1 AND principal = ?2 AND revoked_ms IS NULL";
const removeKeysOf = "DELETE FROM access_key WHERE tenant = ?1 AND principal = ?2";

function endPrincipal({ tenant, name, atMs, everywhere = false }: Extract<Written, { do: "principal.end" }>): Step[] {
  const params = [tenant, name, atMs] as const;
  return [
    { sql: endOne, params },
    { sql: revokeTokensOf, params },
    { sql: removeKeysOf, params: [tenant, name] },
    ...endSessionsOf({ tenant, name }),
    ...endSessionsByTokensOf({ tenant, name }),
    ...pauseSubscriptionsOf({ tenant, name, atMs, everywhere }),
  ];
}

const tenantExists = "SELECT 1 FROM tenant WHERE id = ?";
const accessKeyExists = "SELECT 1 FROM access_key WHERE id = ?";
const principalExists = "SELECT 1 FROM principal WHERE tenant = ? AND name = ?";
const principalEnded = "SELECT 1 FROM principal WHERE tenant = ? AND name = ? AND ended_ms IS NOT NULL";
const principalIs = "SELECT 1 FROM principal WHERE tenant = ? AND name = ? AND role = ? AND ended_ms IS NULL";
const grantOf = "SELECT permission FROM resource_grant WHERE resource = ? AND grantee = ? AND ended_ms IS NULL";

export function identityCheck(condition: Checked): Check {
  switch (condition.if) {
    case "tenant.absent":
      return { sql: tenantExists, params: [condition.id], expect: "none" };
    case "tenant.exists":
      return { sql: tenantExists, params: [condition.id], expect: "row" };
    case "accessKey.absent":
      return { sql: accessKeyExists, params: [condition.id], expect: "none" };
    case "principal.absent":
      return { sql: principalExists, params: [condition.tenant, condition.name], expect: "none" };
    case "principal.ended":
      return { sql: principalEnded, params: [condition.tenant, condition.name], expect: "row" };
    case "principal.is":
      return { sql: principalIs, params: [condition.tenant, condition.name, condition.role], expect: "row" };
    case "grant.exists":
      return { sql: grantOf, params: [condition.resource, condition.grantee], expect: "row" };
    default:
      return condition satisfies never;
  }
}

const tenantById = "SELECT id, name, created_ms FROM tenant WHERE id = ?";
const tenantsAfter = "SELECT id, name, created_ms FROM tenant WHERE id > ? ORDER BY id LIMIT ?";
const principalByName = "SELECT * FROM principal WHERE tenant = ? AND name = ?";
const counted = `SELECT p.*,
    (SELECT count(*) FROM token t WHERE t.tenant = p.tenant AND t.principal = p.name
      AND t.revoked_ms IS NULL AND (t.expires_ms IS NULL OR t.expires_ms > ?3)) AS tokens,
    (SELECT count(*) FROM access_key k WHERE k.tenant = p.tenant AND k.principal = p.name) AS access_keys,
    l.issuer, l.subject
  FROM principal p LEFT JOIN issuer_link l ON l.tenant = p.tenant AND l.principal = p.name`;
const principalsAfter = `${counted} WHERE p.tenant = ?1 AND p.name > ?2 ORDER BY p.name LIMIT ?4`;
const onePrincipal = `${counted} WHERE p.tenant = ?1 AND p.name = ?2 LIMIT ?4`;
const principalsOfUser = `SELECT * FROM principal INDEXED BY principal_by_user
    WHERE tenant = ?1 AND "user" = ?2 AND "user" IS NOT NULL AND ended_ms IS NULL
  UNION ALL SELECT * FROM principal WHERE tenant = ?1 AND name = ?3 AND "user" IS NULL AND ended_ms IS NULL`;
const tokenByHash = `SELECT t.*, p.role, p."user" FROM token t
  JOIN principal p ON p.tenant = t.tenant AND p.name = t.principal WHERE t.hash = ? AND p.ended_ms IS NULL`;
// Uuids begin with their time, so the greatest is the newest.
const tokensNewest = `SELECT t.*, p.role, p."user" FROM token t
  JOIN principal p ON p.tenant = t.tenant AND p.name = t.principal
  WHERE t.tenant = ? ORDER BY t.uuid DESC LIMIT ?`;
const tokensBefore = `SELECT t.*, p.role, p."user" FROM token t
  JOIN principal p ON p.tenant = t.tenant AND p.name = t.principal
  WHERE t.tenant = ? AND t.uuid < ? ORDER BY t.uuid DESC LIMIT ?`;
const accessKeyById = `SELECT k.*, p.role, p."user" FROM access_key k
  JOIN principal p ON p.tenant = k.tenant AND p.name = k.principal WHERE k.id = ? AND p.ended_ms IS NULL`;
const accessKeysAfter = `SELECT * FROM access_key
  WHERE tenant = ?1 AND id > ?2 AND (principal = ?3 OR ?3 IS NULL) ORDER BY id LIMIT ?4`;
const reachOf = `SELECT max(permission) AS permission FROM resource_grant
  WHERE resource = ? AND grantee IN (?, '*') AND ended_ms IS NULL`;
const livingAmong = `SELECT name FROM principal
  WHERE tenant = ?1 AND name IN (SELECT value FROM json_each(?2)) AND ended_ms IS NULL`;
const grantsOn = "SELECT * FROM resource_grant WHERE resource = ? AND ended_ms IS NULL ORDER BY grantee";
/** ?2 JSON of uuids; ?3 whether developers count. One query for each event that has subscribers. */
const seers = `SELECT grantee AS name FROM resource_grant WHERE resource IN (SELECT value FROM json_each(?2))
    AND NOT EXISTS (SELECT 1 FROM principal e INDEXED BY principal_ended
      WHERE e.tenant = ?1 AND e.name = grantee AND e.ended_ms IS NOT NULL)
  UNION ALL SELECT name FROM principal INDEXED BY principal_by_user
    WHERE tenant = ?1 AND "user" IN (SELECT value FROM json_each(?2)) AND "user" IS NOT NULL AND ended_ms IS NULL
  UNION ALL SELECT p.name FROM "user" u JOIN principal p ON p.tenant = u.tenant AND p.name = u.username AND p."user" IS NULL
    WHERE u.uuid IN (SELECT value FROM json_each(?2)) AND u.tenant = ?1 AND p.ended_ms IS NULL
  UNION ALL SELECT name FROM principal INDEXED BY principal_managing
    WHERE tenant = ?1 AND role <> 'member' AND role <> 'host' AND (role <> 'developer' OR ?3 = 1) AND ended_ms IS NULL
  UNION ALL SELECT 'operator:' || name FROM principal INDEXED BY principal_managing
    WHERE tenant = 'default' AND tenant <> ?1 AND role <> 'member' AND role = 'operator' AND ended_ms IS NULL`;

/** The reads of `Identities`, `Credentials` and `Grants`. */
export function identities(reads: Reads, repeated: Repeated): Identities & Credentials & Grants {
  const keyById = repeated.of(accessKeyById, readKnownAccessKey);
  const reach = repeated.of(reachOf, readReach);
  return {
    tenant: async (id) => await reads.one(readTenant, tenantById, id),
    tenants: async ({ after = "", max }) => (await reads.all(tenantsAfter, after, max)).map(readTenant),
    principal: async (tenant, name) => await reads.one(readStoredPrincipal, principalByName, tenant, name),
    principals: async ({ tenant, nowMs, name }, { after = "", max }) =>
      (await reads.all(name === undefined ? principalsAfter : onePrincipal, tenant, name ?? after, nowMs, max)).map(
        (row) => ({
          ...readStoredPrincipal(row),
          tokens: integer(row, "tokens"),
          accessKeys: integer(row, "access_keys"),
          ...optional("issuer", row["issuer"] as string | null),
          ...optional("subject", row["subject"] as string | null),
        }),
      ),
    principalsOf: async ({ tenant, uuid, username }) =>
      (await reads.all(principalsOfUser, tenant, uuid, username)).map(readStoredPrincipal),
    tokenByHash: async (hash) => await reads.one(readToken, tokenByHash, hash),
    tokens: async (tenant, { after, max }) => {
      const rows =
        after === undefined
          ? await reads.all(tokensNewest, tenant, max)
          : await reads.all(tokensBefore, tenant, after, max);
      return rows.map(readToken);
    },
    accessKey: async (id) => keyById(id),
    accessKeys: async ({ tenant, principal }, { after = "", max }) =>
      (await reads.all(accessKeysAfter, tenant, after, principal ?? null, max)).map(readAccessKey),
    grant: async (resource, grantee) =>
      await reads.one((row) => text(row, "permission") as Permission, grantOf, resource, grantee),
    reach: async (resource, name) => reach(resource, name),
    living: async (tenant, names) =>
      new Set((await reads.all(livingAmong, tenant, JSON.stringify(names))).map((row) => text(row, "name"))),
    grants: async (resource) => (await reads.all(grantsOn, resource)).map(readGrant),
    seersOf: async (queries) =>
      Promise.all(
        queries.map(async ({ tenant, resources, developers }) => {
          const rows = await reads.all(seers, tenant, JSON.stringify(resources), flag(developers));
          return new Set(rows.map((row) => text(row, "name")));
        }),
      ),
  };
}

function tokenRow(token: Token): Step["params"] {
  const { uuid, tenant, principal, hash, label, createdMs, expiresMs, revokedMs, host, madeBy } = token;
  const scope =
    host === undefined ? [null, null, null] : [flag(host.allTenants), json(host.eventTypes), json(host.kinds)];
  return [
    uuid,
    tenant,
    principal,
    hash,
    label,
    createdMs,
    expiresMs ?? null,
    revokedMs ?? null,
    ...scope,
    madeBy ?? null,
  ];
}

function readHostScope(row: Row): { readonly host?: HostScope } {
  const allTenants = row["all_tenants"];
  if (allTenants === null) return {};
  const names = (column: string): string[] | null => {
    const value = row[column];
    return typeof value === "string" ? (JSON.parse(value) as string[]) : null;
  };
  const [eventTypes, kinds] = [names("event_types"), names("kinds")];
  return { host: { allTenants: allTenants === 1, ...optional("eventTypes", eventTypes), ...optional("kinds", kinds) } };
}

function readTenant(row: Row): Tenant {
  return { id: text(row, "id"), name: text(row, "name"), createdMs: integer(row, "created_ms") };
}

/** Of a row that holds the principal's name in `column`, with its role and user. */
function readPrincipal(row: Row, column: "name" | "principal"): Principal {
  return {
    tenant: text(row, "tenant"),
    name: text(row, column),
    role: text(row, "role") as Role,
    ...optional("user", row["user"] as Uuid | null),
  };
}

export function readStoredPrincipal(row: Row): StoredPrincipal {
  return {
    ...readPrincipal(row, "name"),
    createdMs: integer(row, "created_ms"),
    ...optional("endedMs", row["ended_ms"] as number | null),
  };
}

function readToken(row: Row): KnownToken {
  return {
    token: {
      uuid: text(row, "uuid") as Uuid,
      tenant: text(row, "tenant"),
      principal: text(row, "principal"),
      hash: text(row, "hash"),
      label: text(row, "label"),
      createdMs: integer(row, "created_ms"),
      ...optional("expiresMs", row["expires_ms"] as number | null),
      ...optional("revokedMs", row["revoked_ms"] as number | null),
      ...readHostScope(row),
      ...optional("madeBy", row["made_by"] as string | null),
    },
    principal: readPrincipal(row, "principal"),
  };
}

function readAccessKey(row: Row): AccessKey {
  return {
    id: text(row, "id"),
    tenant: text(row, "tenant"),
    principal: text(row, "principal"),
    sealedSecret: text(row, "sealed_secret"),
    label: text(row, "label"),
    createdMs: integer(row, "created_ms"),
  };
}

function readKnownAccessKey(row: Row): KnownAccessKey {
  return { key: readAccessKey(row), principal: readPrincipal(row, "principal") };
}

/** The permissions are words, of which the greater one includes the other. */
function readReach({ permission = null }: Row): Permission | undefined {
  return permission === null ? undefined : (permission as Permission);
}

function readGrant(row: Row): Grant {
  return {
    resource: text(row, "resource") as Uuid,
    grantee: text(row, "grantee"),
    permission: text(row, "permission") as Permission,
  };
}
