-- Questions to owners of addresses whether they want mail, one for each mailbox: kept for a week, which is as long as one bars the next.
CREATE TABLE mail_question (
  -- What is one mailbox, whatever its tags, dots and case.
  mailbox TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  owner TEXT NOT NULL,
  -- Uuids of what is asked about, and of the delivery that asks.
  subscription TEXT NOT NULL,
  delivery TEXT NOT NULL,
  asked_ms INTEGER NOT NULL,
  -- 0: being sent. 1: sent. 2: answered, so that the next may be asked.
  state INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_question_by_owner ON mail_question (tenant, owner, asked_ms);
CREATE INDEX mail_question_by_tenant ON mail_question (tenant, asked_ms);
CREATE INDEX mail_question_by_time ON mail_question (asked_ms);

-- Mailboxes whose owners said never to ask them again.
CREATE TABLE mail_refusal (
  mailbox TEXT PRIMARY KEY,
  refused_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
