-- Mails that were kept because there is no mail server. `id` is the mail's, the same on each try; `name` begins with the time of the first.
CREATE TABLE kept_mail (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- Empty: nobody knows.
  tenant TEXT NOT NULL,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  kept_ms INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  -- As it would have been sent.
  raw TEXT NOT NULL
) STRICT;
CREATE INDEX kept_mail_by_tenant ON kept_mail (tenant, name, bytes);
