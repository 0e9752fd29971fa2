import type { Uuid } from "../../domain/ids.ts";
import type { MailboxChange, MailboxCondition } from "../mailboxes.ts";
import type { MailQuestion } from "../records.ts";
import type { Mailboxes } from "../store.ts";
import { type Check, integer, type Reads, type Row, type Step, text } from "./step.ts";

/** Whose addresses were asked whether they want mail, and who never wants to be asked. */

const [sending, sent, answered] = [0, 1, 2];

const forget = "DELETE FROM mail_question WHERE asked_ms <= ?";
const ask = `INSERT INTO mail_question (mailbox, tenant, owner, subscription, delivery, asked_ms, state)
  VALUES (?, ?, ?, ?, ?, ?, ${sending})
  ON CONFLICT (mailbox) DO UPDATE SET tenant = excluded.tenant, owner = excluded.owner, subscription = excluded.subscription,
    delivery = excluded.delivery, asked_ms = excluded.asked_ms, state = excluded.state`;
const markSent = `UPDATE mail_question SET state = ${sent} WHERE mailbox = ?1 AND delivery = ?2 AND state = ${sending}`;
const markUnsent = `DELETE FROM mail_question WHERE mailbox = ?1 AND delivery = ?2 AND state = ${sending}`;
const markAnswered = `UPDATE mail_question SET state = ${answered} WHERE mailbox = ?1 AND subscription = ?2`;
const putRefusal = "INSERT INTO mail_refusal (mailbox, refused_ms) VALUES (?1, ?2) ON CONFLICT (mailbox) DO NOTHING";
const removeRefusal = "DELETE FROM mail_refusal WHERE mailbox = ?1";

export function mailboxChange(change: MailboxChange): Step[] {
  switch (change.do) {
    case "question.ask": {
      const { mailbox, tenant, owner, subscription, delivery, askedMs } = change.question;
      return [
        { sql: forget, params: [change.forgetMs] },
        { sql: ask, params: [mailbox, tenant, owner, subscription, delivery, askedMs] },
      ];
    }
    case "question.sent":
      return [{ sql: markSent, params: [change.mailbox, change.delivery] }];
    case "question.unsent":
      return [{ sql: markUnsent, params: [change.mailbox, change.delivery] }];
    case "question.answered":
      return [{ sql: markAnswered, params: [change.mailbox, change.subscription] }];
    case "refusal.put":
      return [{ sql: putRefusal, params: [change.mailbox, change.atMs] }];
    case "refusal.remove":
      return [{ sql: removeRefusal, params: [change.mailbox] }];
    default:
      return change satisfies never;
  }
}

const bars = `SELECT 1 FROM mail_question
    WHERE mailbox = ?1 AND asked_ms > ?3 AND (state = ${sent} OR (state = ${sending} AND delivery <> ?2))
  UNION ALL SELECT 1 FROM mail_refusal WHERE mailbox = ?1`;
const asMany = `SELECT 1 FROM mail_question
  WHERE tenant = ?1 AND (owner = ?2 OR ?2 IS NULL) AND asked_ms > ?3 AND delivery <> ?5 LIMIT 1 OFFSET ?4 - 1`;

export function mailboxCheck(condition: MailboxCondition): Check {
  switch (condition.if) {
    case "mailbox.askable":
      return { sql: bars, params: [condition.mailbox, condition.delivery, condition.sinceMs], expect: "none" };
    case "questions.fewer": {
      const { tenant, owner, sinceMs, fewer, delivery } = condition;
      return { sql: asMany, params: [tenant, owner ?? null, sinceMs, fewer, delivery], expect: "none" };
    }
    default:
      return condition satisfies never;
  }
}

const questionOf = "SELECT * FROM mail_question WHERE mailbox = ?";
const refusalOf = "SELECT 1 FROM mail_refusal WHERE mailbox = ?";

export function mailboxes(reads: Reads): Mailboxes {
  return {
    question: async (mailbox) => await reads.one(readQuestion, questionOf, mailbox),
    refused: async (mailbox) => (await reads.get(refusalOf, mailbox)) !== undefined,
  };
}

function readQuestion(row: Row): MailQuestion {
  return {
    mailbox: text(row, "mailbox"),
    tenant: text(row, "tenant"),
    owner: text(row, "owner"),
    subscription: text(row, "subscription") as Uuid,
    delivery: text(row, "delivery"),
    askedMs: integer(row, "asked_ms"),
    answered: integer(row, "state") === answered,
  };
}
