import type { IssuerLink, IssuerLinkChange, IssuerLinkCondition, IssuerLinks } from "../issuer-links.ts";
import { readStoredPrincipal } from "./identities.ts";
import { endSessionsByIssuer } from "./sessions.ts";
import { type Check, optional, type Reads, type Row, type Step, text } from "./step.ts";

const put = `INSERT INTO issuer_link (tenant, issuer, subject, principal, issued_s) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (tenant, issuer, subject) DO UPDATE SET principal = excluded.principal, issued_s = excluded.issued_s`;
const remove = "DELETE FROM issuer_link WHERE tenant = ? AND principal = ?";

export function issuerLinkChange(change: IssuerLinkChange): Step[] {
  switch (change.do) {
    case "issuerLink.put": {
      const { tenant, issuer, subject, principal, issuedS } = change.link;
      return [{ sql: put, params: [tenant, issuer, subject, principal, issuedS ?? null] }];
    }
    case "issuerLink.remove":
      return [
        { sql: remove, params: [change.tenant, change.principal] },
        endSessionsByIssuer(change.tenant, change.principal),
      ];
    default:
      return change satisfies never;
  }
}

const linked = `SELECT 1 FROM issuer_link WHERE tenant = ?1 AND issuer = ?2 AND subject = ?3
  UNION ALL SELECT 1 FROM issuer_link INDEXED BY issuer_link_by_principal WHERE tenant = ?1 AND principal = ?4`;
const linkedSo = `SELECT 1 FROM issuer_link
  WHERE tenant = ? AND issuer = ? AND subject = ? AND principal = ? AND issued_s IS NOT DISTINCT FROM ?`;

export function issuerLinkCheck(condition: IssuerLinkCondition): Check {
  switch (condition.if) {
    case "issuerLink.free": {
      const { tenant, issuer, subject, principal } = condition;
      return { sql: linked, params: [tenant, issuer, subject, principal], expect: "none" };
    }
    case "issuerLink.is": {
      const { tenant, issuer, subject, principal, issuedS = null } = condition.link;
      return { sql: linkedSo, params: [tenant, issuer, subject, principal, issuedS], expect: "row" };
    }
    default:
      return condition satisfies never;
  }
}

const bySubject = `SELECT l.issuer, l.subject, l.principal, l.issued_s, p.* FROM issuer_link l
  JOIN principal p ON p.tenant = l.tenant AND p.name = l.principal
  WHERE l.tenant = ? AND l.issuer = ? AND l.subject = ?`;
const byPrincipal = "SELECT * FROM issuer_link WHERE tenant = ? AND principal = ?";

/** The reads of `IssuerLinks`. */
export function issuerLinks(reads: Reads): IssuerLinks {
  return {
    bySubject: async ({ tenant, issuer, subject }) =>
      await reads.one(
        (row) => ({ link: readLink(row), principal: readStoredPrincipal(row) }),
        bySubject,
        tenant,
        issuer,
        subject,
      ),
    byPrincipal: async (tenant, principal) => await reads.one(readLink, byPrincipal, tenant, principal),
  };
}

function readLink(row: Row): IssuerLink {
  return {
    tenant: text(row, "tenant"),
    issuer: text(row, "issuer"),
    subject: text(row, "subject"),
    principal: text(row, "principal"),
    ...optional("issuedS", row["issued_s"] as number | null),
  };
}
