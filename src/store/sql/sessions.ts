import type { Principal, Role } from "../../domain/access.ts";
import type { Uuid } from "../../domain/ids.ts";
import {
  type KnownLoginCode,
  type KnownSession,
  mostLoginCodes,
  mostSessions,
  type SessionChange,
  type SessionCondition,
  type Sessions,
} from "../sessions.ts";
import { type Check, integer, optional, type Reads, type Row, type Step, text } from "./step.ts";

const addSession = `INSERT INTO session (uuid, hash, tenant, principal, token, issuer, created_ms, seen_ms, expires_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
/** All but the newest of a principal. Before another is added, which therefore stays, whatever the clock was set to meanwhile. */
const trimSessions = `DELETE FROM session WHERE uuid IN
  (SELECT uuid FROM session WHERE tenant = ?1 AND principal = ?2 ORDER BY uuid DESC LIMIT ${Number.MAX_SAFE_INTEGER} OFFSET ${mostSessions - 1})`;
const seeSession = "UPDATE session SET seen_ms = ?2 WHERE uuid = ?1 AND seen_ms < ?2";
const removeSession = "DELETE FROM session WHERE uuid = ?";
const addCode = `INSERT INTO login_code (hash, tenant, principal, token, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?)`;
const trimCodes = `DELETE FROM login_code WHERE hash IN
  (SELECT hash FROM login_code WHERE tenant = ?1 AND principal = ?2 ORDER BY created_ms DESC LIMIT ${Number.MAX_SAFE_INTEGER} OFFSET ${mostLoginCodes - 1})`;
const removeCode = "DELETE FROM login_code WHERE hash = ?";

export function sessionChange(change: SessionChange): Step[] {
  switch (change.do) {
    case "session.add": {
      const { uuid, hash, tenant, principal, token = null, issuer = null } = change.session;
      const { createdMs, seenMs, expiresMs } = change.session;
      return [
        { sql: trimSessions, params: [tenant, principal] },
        { sql: addSession, params: [uuid, hash, tenant, principal, token, issuer, createdMs, seenMs, expiresMs] },
      ];
    }
    case "session.seen":
      return [{ sql: seeSession, params: [change.uuid, change.atMs] }];
    case "session.remove":
      return [{ sql: removeSession, params: [change.uuid] }];
    case "loginCode.add": {
      const { hash, tenant, principal, token, createdMs, expiresMs } = change.code;
      return [
        { sql: trimCodes, params: [tenant, principal] },
        { sql: addCode, params: [hash, tenant, principal, token, createdMs, expiresMs] },
      ];
    }
    case "loginCode.remove":
      return [{ sql: removeCode, params: [change.hash] }];
    default:
      return change satisfies never;
  }
}

const sessionsOf = "DELETE FROM session WHERE tenant = ?1 AND principal = ?2";
const codesOf = "DELETE FROM login_code WHERE tenant = ?1 AND principal = ?2";

/** Everything by which a principal is logged in, or could be. */
export function endSessionsOf({ tenant, name }: { readonly tenant: string; readonly name: string }): Step[] {
  return [sessionsOf, codesOf].map((sql) => ({ sql, params: [tenant, name] }));
}

const ofPrincipalsTokens = "(SELECT uuid FROM token WHERE tenant = ?1 AND principal = ?2)";
const sessionsByTokensOf = `DELETE FROM session WHERE token IN ${ofPrincipalsTokens}`;
const codesByTokensOf = `DELETE FROM login_code WHERE token IN ${ofPrincipalsTokens}`;

/** What came from any token of a principal, whomever it is for. */
export function endSessionsByTokensOf({ tenant, name }: { readonly tenant: string; readonly name: string }): Step[] {
  return [sessionsByTokensOf, codesByTokensOf].map((sql) => ({ sql, params: [tenant, name] }));
}

const ofToken = "(SELECT uuid FROM token WHERE uuid = ?1 AND tenant = ?2)";
const sessionsByToken = `DELETE FROM session WHERE token IN ${ofToken}`;
const codesByToken = `DELETE FROM login_code WHERE token IN ${ofToken}`;

/** What came from this token, which ends. */
export function endSessionsByToken(uuid: Uuid, tenant: string): Step[] {
  return [sessionsByToken, codesByToken].map((sql) => ({ sql, params: [uuid, tenant] }));
}

const ofReplaced = "(SELECT uuid FROM token WHERE uuid = ?1 AND hash <> ?2)";
const sessionsByReplaced = `DELETE FROM session WHERE token IN ${ofReplaced}`;
const codesByReplaced = `DELETE FROM login_code WHERE token IN ${ofReplaced}`;

/** What came from a token of this uuid that another one takes the place of. */
export function endSessionsByReplaced(uuid: Uuid, hash: string): Step[] {
  return [sessionsByReplaced, codesByReplaced].map((sql) => ({ sql, params: [uuid, hash] }));
}

const sessionsByIssuer = "DELETE FROM session WHERE tenant = ?1 AND principal = ?2 AND issuer IS NOT NULL";

/** What came from an issuer that the principal is no longer linked to. */
export function endSessionsByIssuer(tenant: string, principal: string): Step {
  return { sql: sessionsByIssuer, params: [tenant, principal] };
}

const openCode = "SELECT 1 FROM login_code WHERE hash = ? AND expires_ms > ?";

export function sessionCheck({ hash, nowMs }: SessionCondition): Check {
  return { sql: openCode, params: [hash, nowMs], expect: "row" };
}

/** With what `s` rests on, which has to be there and live. */
const rests = `s.*, p.role, p."user", t.expires_ms AS token_expires_ms,
    m.tenant AS maker_tenant, m.name AS maker, m.role AS maker_role, m."user" AS maker_user`;
const ofLive = "JOIN principal p ON p.tenant = s.tenant AND p.name = s.principal AND p.ended_ms IS NULL";
const byLiveToken = `JOIN token t ON t.uuid = s.token AND t.revoked_ms IS NULL
  JOIN principal m ON m.tenant = t.tenant AND m.name = t.principal AND m.ended_ms IS NULL`;
const maybeByLiveToken = byLiveToken.replaceAll("JOIN", "LEFT JOIN");
const isLive = `(m.name IS NOT NULL OR EXISTS (SELECT 1 FROM issuer_link l INDEXED BY issuer_link_by_principal
    WHERE l.tenant = s.tenant AND l.principal = s.principal AND l.issuer = s.issuer))`;
const sessionByHash = `SELECT ${rests} FROM session s ${ofLive} ${maybeByLiveToken} WHERE s.hash = ? AND ${isLive}`;
const sessionByUuid = `SELECT ${rests} FROM session s ${ofLive} ${maybeByLiveToken} WHERE s.uuid = ? AND ${isLive}`;
const codeByHash = `SELECT ${rests} FROM login_code s ${ofLive} ${byLiveToken} WHERE s.hash = ?`;
// Uuids begin with their time, so the greatest is the newest.
const sessionsOfTenant = `SELECT ${rests} FROM session s INDEXED BY session_by_tenant ${ofLive} ${maybeByLiveToken}
  WHERE ${isLive} AND s.tenant = ?1 AND (s.uuid < ?2 OR ?2 IS NULL) ORDER BY s.uuid DESC LIMIT ?3`;
const sessionsOfPrincipal = `SELECT ${rests} FROM session s INDEXED BY session_by_principal ${ofLive} ${maybeByLiveToken}
  WHERE ${isLive} AND s.tenant = ?1 AND s.principal = ?4 AND (s.uuid < ?2 OR ?2 IS NULL) ORDER BY s.uuid DESC LIMIT ?3`;

export function sessions(reads: Reads): Sessions {
  return {
    sessionByHash: async (hash) => await reads.one(readSession, sessionByHash, hash),
    session: async (uuid) => await reads.one(readSession, sessionByUuid, uuid),
    sessions: async ({ tenant, principal }, { after = null, max }) =>
      (principal === undefined
        ? await reads.all(sessionsOfTenant, tenant, after, max)
        : await reads.all(sessionsOfPrincipal, tenant, after, max, principal)
      ).map(readSession),
    loginCode: async (hash) => await reads.one(readCode, codeByHash, hash),
  };
}

function readSession(row: Row): KnownSession {
  const seenMs = integer(row, "seen_ms");
  const session = {
    uuid: text(row, "uuid") as Uuid,
    ...readLasting(row),
    ...optional("token", row["token"] as Uuid | null),
    ...optional("issuer", row["issuer"] as string | null),
    seenMs,
  };
  return { session, ...readRests(row) };
}

function readCode(row: Row): KnownLoginCode {
  return { code: { ...readLasting(row), token: text(row, "token") as Uuid }, ...readRests(row) };
}

function readLasting(row: Row): Omit<KnownLoginCode["code"], "token"> {
  return {
    hash: text(row, "hash"),
    tenant: text(row, "tenant"),
    principal: text(row, "principal"),
    createdMs: integer(row, "created_ms"),
    expiresMs: integer(row, "expires_ms"),
  };
}

function readRests(row: Row): Pick<KnownSession, "principal" | "maker" | "tokenExpiresMs"> {
  const principal = principalOf(row, { tenant: "tenant", name: "principal", role: "role", user: "user" });
  const maker = { tenant: "maker_tenant", name: "maker", role: "maker_role", user: "maker_user" } as const;
  return {
    principal,
    maker: row["maker"] === null ? principal : principalOf(row, maker),
    ...optional("tokenExpiresMs", row["token_expires_ms"] as number | null),
  };
}

function principalOf(row: Row, columns: Readonly<Record<"tenant" | "name" | "role" | "user", string>>): Principal {
  return {
    tenant: text(row, columns.tenant),
    name: text(row, columns.name),
    role: text(row, columns.role) as Role,
    ...optional("user", row[columns.user] as Uuid | null),
  };
}
