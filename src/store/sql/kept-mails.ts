import type { KeptMail, KeptMailChange, KeptMails } from "../kept-mails.ts";
import { integer, type Reads, type Row, type Step, text } from "./step.ts";

/** Mails that were kept because there is no mail server. */

/** The same mail again keeps its name, and so its place. */
const keep = `INSERT INTO kept_mail (id, name, tenant, recipient, subject, kept_ms, bytes, raw)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, octet_length(?7), ?7)
  ON CONFLICT (id) DO UPDATE SET
    recipient = excluded.recipient, subject = excluded.subject, bytes = excluded.bytes, raw = excluded.raw`;
/** The oldest of a tenant that has too many, or too many bytes; the last one stays, however long it is. */
const dropOfTenant = `DELETE FROM kept_mail WHERE ?1 <> '' AND name IN (
  SELECT name FROM (
    SELECT name, row_number() OVER newest AS place, sum(bytes) OVER newest AS total
    FROM kept_mail INDEXED BY kept_mail_by_tenant WHERE tenant = ?1
    WINDOW newest AS (ORDER BY name DESC ROWS UNBOUNDED PRECEDING)) ranked
  WHERE place > 1 AND (place > ?2 OR total > ?3))`;
/** The oldest of the tenant that has most, when there are too many in all. */
const dropOfAll = `DELETE FROM kept_mail WHERE (SELECT count(*) FROM kept_mail) > ?1 AND name = (
  SELECT min(name) FROM kept_mail GROUP BY tenant ORDER BY count(*) DESC, min(name) LIMIT 1)`;

export function keptMailChange({ mail, most }: KeptMailChange): Step[] {
  const { id, name, tenant, to, subject, dateMs, raw } = mail;
  return [
    { sql: keep, params: [id, name, tenant, to, subject, dateMs, raw] },
    { sql: dropOfTenant, params: [tenant, most.perTenant.mails, most.perTenant.bytes] },
    { sql: dropOfAll, params: [most.inAll] },
  ];
}

const columns = "name, recipient, subject, kept_ms, bytes";
const newest = `SELECT ${columns} FROM kept_mail WHERE name < ? ORDER BY name DESC LIMIT ?`;
const nameOfId = "SELECT name FROM kept_mail WHERE id = ?";
const rawOfName = "SELECT raw FROM kept_mail WHERE name = ?";

/** The reads of `KeptMails`. */
export function keptMails(reads: Reads): KeptMails {
  return {
    list: async ({ after = "~", max }) => (await reads.all(newest, after, max)).map(read),
    nameOf: async (id) => (await reads.get(nameOfId, id))?.["name"] as string | undefined,
    raw: async (name) => (await reads.get(rawOfName, name))?.["raw"] as string | undefined,
  };
}

function read(row: Row): KeptMail {
  return {
    name: text(row, "name"),
    to: text(row, "recipient"),
    subject: text(row, "subject"),
    dateMs: integer(row, "kept_ms"),
    bytes: integer(row, "bytes"),
  };
}
