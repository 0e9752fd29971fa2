-- facts {"rule":"01a22647-4c14-7757-b0b2-7e5372249e85-011","waitingRule":"01a22647-4c25-763d-bab9-3c6ec51a78a1-011","token":{"id":"01a22647-52eb-70b5-92d7-19aac98177c3-004","principal":"bob","role":"member","label":"bob's","status":"active","created_at":"2026-11-29T07:48:58.219Z","expires_at":null,"revoked_at":null,"token":"sbx_57WwIqEwZsbCGcPDeAWceUWDW-buZoq4kU27R7j4Ph8"},"mail":"01a22647-52f5-7025-8bb2-31bb2501be9d-011","forgets":"01a22647-530a-7ac0-b0b9-48acbc16d717-011","keeps":"01a22647-5313-7436-b03d-9f71242f27e9-011","mails":{"mails":[{"name":"01a226475396-000688991d4d8c00-01a22647-52f5-7025-8bb2-31bb2501be9d-042.default.eml","to":"ada@example.com","subject":"signalbox: FILE_UPLOADED cat.jpg","bytes":3134,"date":"2026-11-29T07:48:58.390Z"}]}}
-- file blobs/a5/a5dfebcc6486c67138405182766e93547c354199 bWVvdw==
-- file blobs/commits.mark c2lnbmFsYm94IDg5ZDdlNWYzMWZhYzM1OTNkNjg5ZjVkMDlmNTYwNzFkIDkzNTQ3YzM1NDE5OSAwMDAwMDAwMDAwMDAwMDIzCg==
-- file blobs/folder.id ODlkN2U1ZjMxZmFjMzU5M2Q2ODlmNWQwOWY1NjA3MWQK
-- file folder.id ODlkN2U1ZjMxZmFjMzU5M2Q2ODlmNWQwOWY1NjA3MWQK
-- file mails/01a226475396-000688991d4d8c00-01a22647-52f5-7025-8bb2-31bb2501be9d-042.default.eml WC1BZ2F2ZS1EZWxpdmVyeTogMDAwNjg4OTkxZDRkOGMwMC0wMWEyMjY0Ny01MmY1LTcwMjUtOGJiMi0zMWJiMjUwMWJlOWQtMDQyDQpYLUFnYXZlLU5vdGlmaWNhdGlvbjogMDFhMjI2NDctNTJmNS03MDI1LThiYjItMzFiYjI1MDFiZTlkLTAxMQ0KQXV0by1TdWJtaXR0ZWQ6IGF1dG8tZ2VuZXJhdGVkDQpQcmVjZWRlbmNlOiBidWxrDQpMaXN0LVVuc3Vic2NyaWJlOiA8aHR0cDovLzEyNy4wLjAuMTo0MTYzMy9ub3RpZmljYXRpb25zL3YyL21haWwvb0dwZzZVaThYaXJxd18zRjBwN2tHaHF2NWxBSWZKbTlOQjNObU9kZ0UzcGJJblZ1YzNWaWMyTnlhV0psSWl3aU1ERmhNakkyTkRjdE5USm1OUzAzTURJMUxUaGlZakl0TXpGaVlqSTFNREZpWlRsa0xUQXhNU0lzSW1Ga1lVQmxlR0Z0Y0d4bExtTnZiU0pkLz4NCkxpc3QtVW5zdWJzY3JpYmUtUG9zdDogTGlzdC1VbnN1YnNjcmliZT1PbmUtQ2xpY2sNCkZyb206IFNpZ25hbGJveCA8c2lnbmFsYm94QGxvY2FsaG9zdD4NClRvOiBhZGFAZXhhbXBsZS5jb20NClN1YmplY3Q6IHNpZ25hbGJveDogRklMRV9VUExPQURFRCBjYXQuanBnDQpNZXNzYWdlLUlEOg0KIDwwMDA2ODg5OTFkNGQ4YzAwLTAxYTIyNjQ3LTUyZjUtNzAyNS04YmIyLTMxYmIyNTAxYmU5ZC0wNDJAbG9jYWxob3N0Pg0KRGF0ZTogU3VuLCAyOSBOb3YgMjAyNiAwNzo0ODo1OCArMDAwMA0KTUlNRS1WZXJzaW9uOiAxLjANCkNvbnRlbnQtVHlwZTogbXVsdGlwYXJ0L2FsdGVybmF0aXZlOw0KIGJvdW5kYXJ5PSItLV9ObVAtYmY0YzY3MDI0NjQ4M2VjMC1QYXJ0XzEiDQoNCi0tLS1fTm1QLWJmNGM2NzAyNDY0ODNlYzAtUGFydF8xDQpDb250ZW50LVR5cGU6IHRleHQvcGxhaW47IGNoYXJzZXQ9dXRmLTgNCkNvbnRlbnQtVHJhbnNmZXItRW5jb2Rpbmc6IHF1b3RlZC1wcmludGFibGUNCg0KVGhlIGZpbGUgImNhdC5qcGciIGluICJwaG90b3MiIHdhcyB1cGxvYWRlZCBieSBhZG1pbi4NCg0KVGltZTogMjAyNi0xMS0yOVQwNzo0ODo1OC4zMzlaDQpTaXplIGluIGJ5dGVzOiA0DQpFdmVudDogRklMRV9VUExPQURFRA0KUmVzb3VyY2U6IDAxYTIyNjQ3LTUzNjMtNzk2NS1iY2YwLTk5N2VmNWZlNzgyNC0wMDINCg0KLS09MjANCllvdSBnZXQgdGhpcyBiZWNhdXNlIHNpZ25hbGJveCB3YXMgYXNrZWQgdG8gdGVsbCB0aGlzIGFkZHJlc3Mgb2YgZXZlcnkgPQ0KZXZlbnQgb2YgMDFhMjI2NDctNTM2My03OTY1LWJjZjAtOTk3ZWY1ZmU3ODI0LTAwMiAoc3Vic2NyaXB0aW9uID0NCjAxYTIyNjQ3LTUyZjUtNzAyNS04YmIyLTMxYmIyNTAxYmU5ZC0wMTEpLg0KVG8gZ2V0IG5vIG1vcmUgb2YgdGhlbTogPQ0KaHR0cDovLzEyNy4wLjAuMTo0MTYzMy9ub3RpZmljYXRpb25zL3YyL21haWwvb0dwZzZVaThYaXJxd18zRjBwN2tHaHF2NWxBSWZKPQ0KbTlOQjNObU9kZ0UzcGJJblZ1YzNWaWMyTnlhV0psSWl3aU1ERmhNakkyTkRjdE5USm1OUzAzTURJMUxUaGlZakl0TXpGaVlqSTFNPQ0KREZpWlRsa0xUQXhNU0lzSW1Ga1lVQmxlR0Z0Y0d4bExtTnZiU0pkLw0KDQotLS0tX05tUC1iZjRjNjcwMjQ2NDgzZWMwLVBhcnRfMQ0KQ29udGVudC1UeXBlOiB0ZXh0L2h0bWw7IGNoYXJzZXQ9dXRmLTgNCkNvbnRlbnQtVHJhbnNmZXItRW5jb2Rpbmc6IHF1b3RlZC1wcmludGFibGUNCg0KPCFkb2N0eXBlIGh0bWw+DQo8aHRtbD48aGVhZD48bWV0YSBjaGFyc2V0PTNEInV0Zi04Ij48L2hlYWQ+DQo8Ym9keT4NCjxwPlRoZSBmaWxlICZxdW90O2NhdC5qcGcmcXVvdDsgaW4gJnF1b3Q7cGhvdG9zJnF1b3Q7IHdhcyB1cGxvYWRlZCBieSBhZG1pbj0NCi48L3A+DQo8dGFibGU+DQo8dHI+PHRkIHN0eWxlPTNEInZlcnRpY2FsLWFsaWduOnRvcDtwYWRkaW5nOjAgMWVtIDAgPQ0KMDtvdmVyZmxvdy13cmFwOmFueXdoZXJlIj5UaW1lPC90ZD48dGQgc3R5bGU9M0QidmVydGljYWwtYWxpZ246dG9wO3BhZGRpbmc6PQ0KMCAxZW0gMCAwO292ZXJmbG93LXdyYXA6YW55d2hlcmUiPjIwMjYtMTEtMjlUMDc6NDg6NTguMzM5WjwvdGQ+PC90cj4NCjx0cj48dGQgc3R5bGU9M0QidmVydGljYWwtYWxpZ246dG9wO3BhZGRpbmc6MCAxZW0gMCA9DQowO292ZXJmbG93LXdyYXA6YW55d2hlcmUiPlNpemUgaW4gYnl0ZXM8L3RkPjx0ZCBzdHlsZT0zRCJ2ZXJ0aWNhbC1hbGlnbjp0b3A9DQo7cGFkZGluZzowIDFlbSAwIDA7b3ZlcmZsb3ctd3JhcDphbnl3aGVyZSI+NDwvdGQ+PC90cj4NCjx0cj48dGQgc3R5bGU9M0QidmVydGljYWwtYWxpZ246dG9wO3BhZGRpbmc6MCAxZW0gMCA9DQowO292ZXJmbG93LXdyYXA6YW55d2hlcmUiPkV2ZW50PC90ZD48dGQgc3R5bGU9M0QidmVydGljYWwtYWxpZ246dG9wO3BhZGRpbmc9DQo6MCAxZW0gMCAwO292ZXJmbG93LXdyYXA6YW55d2hlcmUiPkZJTEVfVVBMT0FERUQ8L3RkPjwvdHI+DQo8dHI+PHRkIHN0eWxlPTNEInZlcnRpY2FsLWFsaWduOnRvcDtwYWRkaW5nOjAgMWVtIDAgPQ0KMDtvdmVyZmxvdy13cmFwOmFueXdoZXJlIj5SZXNvdXJjZTwvdGQ+PHRkIHN0eWxlPTNEInZlcnRpY2FsLWFsaWduOnRvcDtwYWRkPQ0KaW5nOjAgMWVtIDAgMDtvdmVyZmxvdy13cmFwOmFueXdoZXJlIj4wMWEyMjY0Ny01MzYzLTc5NjUtYmNmMC05OTdlZjVmZTc4MjQtPQ0KMDAyPC90ZD48L3RyPg0KPC90YWJsZT4NCjxocj4NCjxwIHN0eWxlPTNEImNvbG9yOiM2NjY7Zm9udC1zaXplOnNtYWxsIj5Zb3UgZ2V0PQ0KIHRoaXMgYmVjYXVzZSBzaWduYWxib3ggd2FzIGFza2VkIHRvIHRlbGwgdGhpcyBhZGRyZXNzIG9mIGV2ZXJ5IGV2ZW50IG9mID0NCjAxYTIyNjQ3LTUzNjMtNzk2NS1iY2YwLTk5N2VmNWZlNzgyNC0wMDIgKHN1YnNjcmlwdGlvbiA9DQowMWEyMjY0Ny01MmY1LTcwMjUtOGJiMi0zMWJiMjUwMWJlOWQtMDExKS4gPGEgaHJlZj0zRCJodHRwOi8vMTI3LjAuMC49DQoxOjQxNjMzL25vdGlmaWNhdGlvbnMvdjIvbWFpbC9vR3BnNlVpOFhpcnF3XzNGMHA3a0docXY1bEFJZkptOU5CM05tT2RnRTNwYkk9DQpuVnVjM1ZpYzJOeWFXSmxJaXdpTURGaE1qSTJORGN0TlRKbU5TMDNNREkxTFRoaVlqSXRNekZpWWpJMU1ERmlaVGxrTFRBeE1TSXM9DQpJbUZrWVVCbGVHRnRjR3hsTG1OdmJTSmQvIj5VbnN1YnNjcmliZTwvYT48L3A+DQo8L2JvZHk+PC9odG1sPg0KDQotLS0tX05tUC1iZjRjNjcwMjQ2NDgzZWMwLVBhcnRfMS0tDQo=
-- file secret.check djEuMExXaGlKc3hua1pWM3JjZHJYdWtFTnF1MHZITklmdjU1ZjFlQ2ZXZ0xwN0NhUXlNYVE9PQo=
PRAGMA user_version = 14;
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE tenant (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  -- Grows with every change of a subscription; each event carries it.
  revision INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE principal (
  tenant TEXT NOT NULL REFERENCES tenant (id),
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  user TEXT,
  created_ms INTEGER NOT NULL, ended_ms INTEGER,
  PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE token (
  uuid TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  principal TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  revoked_ms INTEGER,
  FOREIGN KEY (tenant, principal) REFERENCES principal (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE access_key (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  principal TEXT NOT NULL,
  sealed_secret TEXT NOT NULL,
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  FOREIGN KEY (tenant, principal) REFERENCES principal (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE resource_grant (
  resource TEXT NOT NULL,
  grantee TEXT NOT NULL,
  permission TEXT NOT NULL, ended_ms INTEGER,
  PRIMARY KEY (resource, grantee)
) STRICT, WITHOUT ROWID;
CREATE TABLE bucket (
  uuid TEXT PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenant (id),
  name TEXT NOT NULL,
  owner TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  deleted_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE object (
  bucket TEXT NOT NULL REFERENCES bucket (uuid),
  key TEXT NOT NULL,
  uuid TEXT NOT NULL,
  owner TEXT NOT NULL,
  version TEXT NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  content_type TEXT NOT NULL,
  modified_ms INTEGER NOT NULL,
  -- {headers, userMetadata, tags, checksums, upload}, each absent when empty
  facts TEXT NOT NULL,
  PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE upload (
  id TEXT PRIMARY KEY,
  bucket TEXT NOT NULL REFERENCES bucket (uuid),
  key TEXT NOT NULL,
  owner TEXT NOT NULL,
  content_type TEXT NOT NULL,
  facts TEXT NOT NULL,
  changes INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE part (
  upload TEXT NOT NULL,
  number INTEGER NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  blob TEXT NOT NULL,
  checksums TEXT NOT NULL,
  modified_ms INTEGER NOT NULL,
  PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE piece (
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  position INTEGER NOT NULL,
  blob TEXT NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (bucket, key, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE subscription (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL REFERENCES tenant (id),
  face TEXT NOT NULL,
  scope TEXT NOT NULL,
  event TEXT NOT NULL,
  filter TEXT,
  target TEXT NOT NULL,
  policy TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  paused TEXT,
  owner TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  deleted_ms INTEGER,
  ended_ms INTEGER,
  -- The tenant's revision since which scope, event, filter and enabled are as they are, and that of the last change at all.
  from_revision INTEGER NOT NULL,
  revision INTEGER NOT NULL
, once INTEGER NOT NULL DEFAULT 0, taken INTEGER, outcome TEXT, unconfirmed INTEGER NOT NULL DEFAULT 0, retry TEXT, pace TEXT) STRICT;
CREATE TABLE subscription_past (
  number INTEGER NOT NULL,
  from_revision INTEGER NOT NULL,
  to_revision INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  event TEXT NOT NULL,
  filter TEXT,
  until_ms INTEGER NOT NULL, scope TEXT, off TEXT,
  PRIMARY KEY (tenant, to_revision, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE event (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  tenant TEXT NOT NULL,
  resource TEXT NOT NULL,
  scope TEXT,
  names TEXT NOT NULL,
  actor TEXT,
  origin TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  data TEXT NOT NULL
, owners TEXT, addressee TEXT, parents TEXT) STRICT;
CREATE TABLE delivery (
  sequence INTEGER NOT NULL,
  subscription INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  -- 0 waiting, 1 delivered, 2 dead
  status INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  due_ms INTEGER,
  reason TEXT,
  started_ms INTEGER,
  duration_ms INTEGER,
  http_status INTEGER,
  snippet TEXT, wait_ms INTEGER, patient_ms INTEGER, line TEXT,
  PRIMARY KEY (sequence, subscription)
) STRICT, WITHOUT ROWID;
CREATE TABLE attempt (
  sequence INTEGER NOT NULL,
  subscription INTEGER NOT NULL,
  number INTEGER NOT NULL,
  started_ms INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  http_status INTEGER,
  reason TEXT,
  message TEXT,
  snippet TEXT,
  PRIMARY KEY (sequence, subscription, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE redrive (
  uuid TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  filter TEXT NOT NULL,
  state TEXT NOT NULL,
  redriven INTEGER NOT NULL,
  -- The last delivery that was looked at.
  at_sequence INTEGER NOT NULL,
  at_subscription INTEGER NOT NULL,
  -- Only deliveries that were dead when the job was made: nothing is driven twice by one job.
  to_sequence INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE usage (
  day TEXT NOT NULL,
  tenant TEXT NOT NULL,
  scope TEXT NOT NULL,
  -- 0: what the scope accepted; otherwise what was sent for this subscription
  subscription INTEGER NOT NULL,
  accepted INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  delivered INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, day, scope, subscription)
) STRICT, WITHOUT ROWID;
CREATE TABLE app (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL REFERENCES tenant (id),
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  owner TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE function (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL REFERENCES tenant (id),
  app INTEGER NOT NULL REFERENCES app (number),
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  timeout_ms INTEGER NOT NULL,
  env TEXT NOT NULL,
  sealed_secrets TEXT,
  -- The following two are arrays of text.
  secret_names TEXT NOT NULL,
  egress TEXT NOT NULL,
  writes INTEGER NOT NULL,
  -- function_version.number of the one that runs
  version INTEGER NOT NULL,
  owner TEXT NOT NULL,
  role TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  deleted_ms INTEGER
, author TEXT NOT NULL DEFAULT '', secret_roles TEXT NOT NULL DEFAULT '{}') STRICT;
CREATE TABLE function_version (
  function INTEGER NOT NULL REFERENCES function (number),
  number INTEGER NOT NULL,
  hash TEXT NOT NULL,
  language TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  source TEXT NOT NULL,
  js TEXT NOT NULL,
  map TEXT,
  PRIMARY KEY (function, number)
) STRICT;
CREATE TABLE invocation (
  number INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  function INTEGER NOT NULL,
  version INTEGER NOT NULL,
  trigger TEXT NOT NULL,
  event_type TEXT NOT NULL,
  event_id TEXT NOT NULL,
  operation TEXT NOT NULL,
  subscription INTEGER,
  -- Of a post: with subscription, its delivery.
  sequence INTEGER,
  attempt INTEGER NOT NULL,
  status TEXT NOT NULL,
  verdict TEXT,
  result TEXT,
  reason TEXT,
  error TEXT,
  logs TEXT NOT NULL,
  logs_cut INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  started_ms INTEGER,
  duration_ms REAL,
  queue_ms REAL,
  cold_ms REAL
) STRICT;
CREATE TABLE decision (
  tenant TEXT NOT NULL,
  operation TEXT NOT NULL,
  event_type TEXT NOT NULL,
  outcome TEXT NOT NULL,
  resource TEXT,
  actor TEXT,
  origin TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  duration_ms REAL NOT NULL,
  hooks TEXT NOT NULL,
  conflicts TEXT NOT NULL,
  PRIMARY KEY (tenant, operation)
) STRICT, WITHOUT ROWID;
CREATE TABLE user (
  number INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL REFERENCES tenant (id),
  username TEXT NOT NULL,
  -- The username in lower case, of every script: lower() knows ASCII only, so this is not computed here.
  folded TEXT NOT NULL,
  email TEXT NOT NULL,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  attributes TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL
, email_verified INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE user_schema (
  tenant TEXT PRIMARY KEY REFERENCES tenant (id),
  schema TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE remembered (
  tenant TEXT NOT NULL REFERENCES tenant (id),
  principal TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, principal, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE intent (
  operation TEXT PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenant (id),
  type TEXT NOT NULL,
  params TEXT NOT NULL,
  user TEXT,
  app TEXT,
  chain TEXT,
  -- Numbers of functions.
  ran TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  unresolved TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE registered (
  uuid TEXT PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenant (id),
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  -- Slug.
  app TEXT,
  data TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL
, parents TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE event_aside (
  sequence INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  -- waiting (its tenant's share of matching is used up) or poisoned (its dispatch killed the process twice)
  state TEXT NOT NULL,
  since_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE run (
  -- The last 12 digits of the names of the blobs that it wrote.
  mark TEXT PRIMARY KEY,
  started_ms INTEGER NOT NULL,
  -- When the next run found it ended.
  ended_ms INTEGER,
  -- Set when all that it committed is in this database.
  complete INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
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
CREATE TABLE mail_refusal (
  mailbox TEXT PRIMARY KEY,
  refused_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE quota (
  tenant TEXT NOT NULL REFERENCES tenant (id),
  name TEXT NOT NULL,
  used INTEGER NOT NULL DEFAULT 0,
  -- As of the last write that was judged; where it differs from used, one is to be judged.
  judged INTEGER NOT NULL DEFAULT 0,
  -- The operator's for this tenant; NULL is the installation's own.
  bound INTEGER,
  PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE bucket_configuration (
  bucket TEXT NOT NULL REFERENCES bucket (uuid),
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (bucket, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE subscription_pause (
  subscription INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (subscription, since_ms)
) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES ('commits', 23);
INSERT INTO "meta" VALUES ('folder_id', '89d7e5f31fac3593d689f5d09f56071d');
INSERT INTO "meta" VALUES ('last_invocation', 1024);
INSERT INTO "meta" VALUES ('last_sequence', 1839041063259136);
INSERT INTO "meta" VALUES ('last_user', 32);
INSERT INTO "meta" VALUES ('opening', '93547c354199');
INSERT INTO "meta" VALUES ('prune_at', 0);
INSERT INTO "meta" VALUES ('run', '93547c354199');
INSERT INTO "meta" VALUES ('watermark', 1839041063259136);
INSERT INTO "tenant" VALUES ('default', 'Default', 6, 1795938534589);
INSERT INTO "principal" VALUES ('default', 'admin', 'operator', NULL, 1795938534589, NULL);
INSERT INTO "principal" VALUES ('default', 'bob', 'member', NULL, 1795938538219, NULL);
INSERT INTO "token" VALUES ('00000000-0000-7000-8000-000000000000-004', 'default', 'admin', '11371aff22562e1c8540b6417a2429007fbbdb4ae0ffda050503b3d77632e972', 'from the configuration', 1795938534590, NULL, NULL);
INSERT INTO "token" VALUES ('01a22647-52eb-70b5-92d7-19aac98177c3-004', 'default', 'bob', '2907ff7b79d6153032715fbf67f62feea18b010855b7c65c59c26734345a2c8e', 'bob''s', 1795938538219, NULL, NULL);
INSERT INTO "access_key" VALUES ('AKTESTS', 'default', 'admin', 'v1.t6ef9rPBQDxueLpYKhQnPNsKJMTIEYR7a9Uj3rfUV4tZNhSn9G7h2iKNCc/gkYE=', 'from the configuration', 1795938534591);
INSERT INTO "bucket" VALUES ('01a22647-4b25-7608-a9b5-9bf574e96ad3-101', 'default', 'photos', 'admin', 1795938536229, NULL);
INSERT INTO "object" VALUES ('01a22647-4b25-7608-a9b5-9bf574e96ad3-101', 'cat.jpg', '01a22647-5363-7965-bcf0-997ef5fe7824-002', 'admin', '01a22647-5363-75e6-8af4-ee44ce075bfa', 4, '4a4be40c96ac6314e91d93f38043a634', 'image/jpeg', 1795938538339, '{"checksums":{"crc32":"ihBq/g=="}}');
INSERT INTO "piece" VALUES ('01a22647-4b25-7608-a9b5-9bf574e96ad3-101', 'cat.jpg', 0, 'a5dfebcc6486c67138405182766e93547c354199', 4);
INSERT INTO "subscription" VALUES (1, '01a22647-4c14-7757-b0b2-7e5372249e85-011', 'default', 'objects', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', '*', NULL, '{"kind":"webhook","url":"http://127.0.0.1:9/hook","ack":"200","timeoutMs":10000,"fields":[],"format":"object","sealed":"v1.gtQ6L23sLU/3Y9/+IUw05J8yhGecif7SNXZOSZNR48l6O3NZp5xQEQ98ehp8B50+rkKYzDO4zTByRnv6acXEQyM1ENTN0/LLUglj8IUtvwM6Id3yC1+H52Xu/DEHlhIMDxvVJ7REBGTX"}', '{"maxRetries":0,"scheduleMs":[10000,120000,1800000],"jitter":0.2}', 1, NULL, 'admin', 1795938536469, 1795938536469, NULL, NULL, 1, 1, 0, NULL, NULL, 0, NULL, '{}');
INSERT INTO "subscription" VALUES (2, '01a22647-4c25-763d-bab9-3c6ec51a78a1-011', 'default', 'objects', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', '*', 'key = ''cat.jpg''', '{"kind":"webhook","url":"http://127.0.0.1:9/hook/later","ack":"200","timeoutMs":10000,"fields":[],"format":"object","sealed":"v1.e9acoW7OrY51xa6EGJU9a3YZbKSz09g5hs4TQvgbnBQabNust3dTkUqHDYkSfSD4S/40DS1pR6cHsVks+3J/WCkepCkyQ/3T7e9c07XYMIdf7D6zTB5G8NOPlF15D94+zlUmONz/vK7h"}', '{"maxRetries":3,"scheduleMs":[10000,120000,1800000],"jitter":0.2}', 1, NULL, 'admin', 1795938536486, 1795938536486, NULL, NULL, 2, 2, 0, NULL, NULL, 0, NULL, '{}');
INSERT INTO "subscription" VALUES (3, '01a22647-52d4-78c8-a4b3-af4a5293e207-011', 'default', 'lifecycle', '01a22647-4c52-7641-a508-e7e33a09aa23-005', 'PRE_USER_CREATE', NULL, '{"kind":"function","function":1,"hook":{"stage":"prepare","priority":0,"failurePolicy":"closed"}}', '{"maxRetries":7,"scheduleMs":[5000,30000,120000,600000,3600000,10800000,28800000],"jitter":0.2}', 1, NULL, 'admin', 1795938538197, 1795938538197, NULL, NULL, 3, 3, 0, NULL, NULL, 0, NULL, '{}');
INSERT INTO "subscription" VALUES (4, '01a22647-52f5-7025-8bb2-31bb2501be9d-011', 'default', 'notifications', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', '*', NULL, '{"kind":"email","address":"ada@example.com"}', '{"maxRetries":54,"scheduleMs":[30000,60000,120000,300000,600000,1200000,1800000,3600000],"jitter":0.2}', 1, NULL, 'admin', 1795938538229, 1795938538229, NULL, NULL, 4, 4, 0, NULL, NULL, 0, '{"retryStrategy":"IMMEDIATE","retryLimit":5,"retryRate":5,"retryDelay":0,"saveOnFailure":false}', '{}');
INSERT INTO "subscription" VALUES (5, '01a22647-530a-7ac0-b0b9-48acbc16d717-011', 'default', 'notifications', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', '*', NULL, '{"kind":"webhook","url":"http://127.0.0.1:9/hook/watch","ack":"2xx","timeoutMs":10000,"fields":[],"format":"resource","sealed":"v1.oSUOk3Z4lpsBtD8AoKLpsdbjLHGqRa5xvM4IlOYN3J9fHcTJwgW7VbVeVCbLOqZQeNoPe7Mcuchax7x/BG8nziysYxCGO5tMZwhQuQ9Zh95R6h7k0Bh2o1odw7+VWR8s8hayNDnKjvk3"}', '{"maxRetries":0,"scheduleMs":[0],"jitter":0}', 1, NULL, 'admin', 1795938538250, 1795938538250, NULL, NULL, 5, 5, 0, NULL, NULL, 0, '{"retryStrategy":"NONE","retryLimit":5,"retryRate":5,"retryDelay":0,"saveOnFailure":false}', '{}');
INSERT INTO "subscription" VALUES (6, '01a22647-5313-7436-b03d-9f71242f27e9-011', 'default', 'notifications', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', '*', NULL, '{"kind":"webhook","url":"http://127.0.0.1:9/hook/watch","ack":"2xx","timeoutMs":10000,"fields":[],"format":"resource","sealed":"v1.zSB0d+R3vTIiOmQ5IZskVsr6fBLhLzmEe46WYkRn8yVzdu9QG0nzoKICEuBeSwKmTJM5COMnUkPvu79WqpPoJdTjXCuYks7eRol3InToFeTkOHEBTHSsI1Y2WTGDhEP3VZukbw5/POpf"}', '{"maxRetries":0,"scheduleMs":[0],"jitter":0}', 1, NULL, 'admin', 1795938538259, 1795938538259, NULL, NULL, 6, 6, 0, NULL, NULL, 0, '{"retryStrategy":"NONE","retryLimit":5,"retryRate":5,"retryDelay":0,"saveOnFailure":true}', '{}');
INSERT INTO "event" VALUES (1839041061126144, '01a22647-4b25-7eab-ab73-649252bbda4b', 'default', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', NULL, '{"notifications":"CREATED"}', 'admin', 's3', 1795938536229, 0, '{"kind":"bucket","resource":{"uuid":"01a22647-4b25-7608-a9b5-9bf574e96ad3-101","name":"photos","owner":"admin","created":"2026-11-29T07:48:56.229Z","_links":{"self":{"href":"/api/cloud/files/?bucket=photos"},"notifications":{"href":"/notifications/v2/?associatedUuid=01a22647-4b25-7608-a9b5-9bf574e96ad3-101"}}}}', '["admin"]', NULL, NULL);
INSERT INTO "event" VALUES (1839041061344256, '01a22647-4c15-7631-96ee-c3661d55e10e', 'default', '01a22647-4c14-7757-b0b2-7e5372249e85-011', NULL, '{"notifications":"CREATED"}', 'admin', 'operator', 1795938536469, 1, '{"kind":"subscription","resource":{"id":"01a22647-4c14-7757-b0b2-7e5372249e85-011","uuid":"01a22647-4c14-7757-b0b2-7e5372249e85-011","owner":"admin","associatedUuid":"01a22647-4b25-7608-a9b5-9bf574e96ad3-101","event":"*","target":"webhook","enabled":true,"created":"2026-11-29T07:48:56.469Z","_links":{"self":{"href":"/notifications/v2/01a22647-4c14-7757-b0b2-7e5372249e85-011/"},"notifications":{"href":"/notifications/v2/?associatedUuid=01a22647-4c14-7757-b0b2-7e5372249e85-011"}}}}', '["admin"]', NULL, NULL);
INSERT INTO "event" VALUES (1839041061361664, '01a22647-4c26-78e4-9fba-0e98d3371fef', 'default', '01a22647-4c25-763d-bab9-3c6ec51a78a1-011', NULL, '{"notifications":"CREATED"}', 'admin', 'operator', 1795938536486, 2, '{"kind":"subscription","resource":{"id":"01a22647-4c25-763d-bab9-3c6ec51a78a1-011","uuid":"01a22647-4c25-763d-bab9-3c6ec51a78a1-011","owner":"admin","associatedUuid":"01a22647-4b25-7608-a9b5-9bf574e96ad3-101","event":"*","target":"webhook","enabled":true,"created":"2026-11-29T07:48:56.486Z","_links":{"self":{"href":"/notifications/v2/01a22647-4c25-763d-bab9-3c6ec51a78a1-011/"},"notifications":{"href":"/notifications/v2/?associatedUuid=01a22647-4c25-763d-bab9-3c6ec51a78a1-011"}}}}', '["admin"]', NULL, NULL);
INSERT INTO "event" VALUES (1839041061407744, '01a22647-4c53-7473-b039-537a3849717d', 'default', '01a22647-4c52-7641-a508-e7e33a09aa23-005', NULL, '{"notifications":"REGISTERED"}', 'admin', 'operator', 1795938536531, 2, '{"kind":"app","resource":{"id":"user-management","uuid":"01a22647-4c52-7641-a508-e7e33a09aa23-005","name":"User Management","owner":"admin","created":"2026-11-29T07:48:56.530Z","lastUpdated":"2026-11-29T07:48:56.530Z","_links":{"self":{"href":"/api/apps/user-management/"},"notifications":{"href":"/notifications/v2/?associatedUuid=01a22647-4c52-7641-a508-e7e33a09aa23-005"}}}}', '["admin"]', NULL, NULL);
INSERT INTO "event" VALUES (1839041063081984, '01a22647-52b6-7047-bbfa-21c4ca3ef9a5', 'default', '01a22647-52b5-7e5d-a6f1-40a0edb7929a-102', NULL, '{"notifications":"CREATED"}', 'admin', 'operator', 1795938538166, 2, '{"kind":"function","resource":{"id":"allow","uuid":"01a22647-52b5-7e5d-a6f1-40a0edb7929a-102","name":"Allow","app":"user-management","owner":"admin","enabled":true,"created":"2026-11-29T07:48:58.165Z","lastUpdated":"2026-11-29T07:48:58.165Z","_links":{"self":{"href":"/api/apps/user-management/functions/allow/"},"notifications":{"href":"/notifications/v2/?associatedUuid=01a22647-52b5-7e5d-a6f1-40a0edb7929a-102"}}}}', '["admin"]', NULL, '[{"uuid":"01a22647-4c52-7641-a508-e7e33a09aa23-005","kind":"app","owner":"admin"}]');
INSERT INTO "event" VALUES (1839041063113728, '01a22647-52d5-7297-8a18-99da242358a0', 'default', '01a22647-52d4-78c8-a4b3-af4a5293e207-011', NULL, '{"notifications":"CREATED"}', 'admin', 'operator', 1795938538197, 3, '{"kind":"subscription","resource":{"id":"01a22647-52d4-78c8-a4b3-af4a5293e207-011","uuid":"01a22647-52d4-78c8-a4b3-af4a5293e207-011","owner":"admin","associatedUuid":"01a22647-4c52-7641-a508-e7e33a09aa23-005","event":"PRE_USER_CREATE","target":"function","enabled":true,"created":"2026-11-29T07:48:58.197Z","_links":{"self":{"href":"/notifications/v2/01a22647-52d4-78c8-a4b3-af4a5293e207-011/"},"notifications":{"href":"/notifications/v2/?associatedUuid=01a22647-52d4-78c8-a4b3-af4a5293e207-011"}}}}', '["admin"]', NULL, NULL);
INSERT INTO "event" VALUES (1839041063147520, '01a22647-52f6-7e49-a4dc-334e1e072b0e', 'default', '01a22647-52f5-7025-8bb2-31bb2501be9d-011', NULL, '{"notifications":"CREATED"}', 'admin', 'operator', 1795938538230, 4, '{"kind":"subscription","resource":{"id":"01a22647-52f5-7025-8bb2-31bb2501be9d-011","uuid":"01a22647-52f5-7025-8bb2-31bb2501be9d-011","owner":"admin","associatedUuid":"01a22647-4b25-7608-a9b5-9bf574e96ad3-101","event":"*","target":"email","enabled":true,"created":"2026-11-29T07:48:58.229Z","_links":{"self":{"href":"/notifications/v2/01a22647-52f5-7025-8bb2-31bb2501be9d-011/"},"notifications":{"href":"/notifications/v2/?associatedUuid=01a22647-52f5-7025-8bb2-31bb2501be9d-011"}}}}', '["admin"]', NULL, NULL);
INSERT INTO "event" VALUES (1839041063168000, '01a22647-530a-769a-b8cd-99ca8d9ac668', 'default', '01a22647-530a-7ac0-b0b9-48acbc16d717-011', NULL, '{"notifications":"CREATED"}', 'admin', 'operator', 1795938538250, 5, '{"kind":"subscription","resource":{"id":"01a22647-530a-7ac0-b0b9-48acbc16d717-011","uuid":"01a22647-530a-7ac0-b0b9-48acbc16d717-011","owner":"admin","associatedUuid":"01a22647-4b25-7608-a9b5-9bf574e96ad3-101","event":"*","target":"webhook","enabled":true,"created":"2026-11-29T07:48:58.250Z","_links":{"self":{"href":"/notifications/v2/01a22647-530a-7ac0-b0b9-48acbc16d717-011/"},"notifications":{"href":"/notifications/v2/?associatedUuid=01a22647-530a-7ac0-b0b9-48acbc16d717-011"}}}}', '["admin"]', NULL, NULL);
INSERT INTO "event" VALUES (1839041063178240, '01a22647-5313-7fc7-8268-70d90c198ce1', 'default', '01a22647-5313-7436-b03d-9f71242f27e9-011', NULL, '{"notifications":"CREATED"}', 'admin', 'operator', 1795938538259, 6, '{"kind":"subscription","resource":{"id":"01a22647-5313-7436-b03d-9f71242f27e9-011","uuid":"01a22647-5313-7436-b03d-9f71242f27e9-011","owner":"admin","associatedUuid":"01a22647-4b25-7608-a9b5-9bf574e96ad3-101","event":"*","target":"webhook","enabled":true,"created":"2026-11-29T07:48:58.259Z","_links":{"self":{"href":"/notifications/v2/01a22647-5313-7436-b03d-9f71242f27e9-011/"},"notifications":{"href":"/notifications/v2/?associatedUuid=01a22647-5313-7436-b03d-9f71242f27e9-011"}}}}', '["admin"]', NULL, NULL);
INSERT INTO "event" VALUES (1839041063233536, '01a22647-5349-7b90-b1a5-05918effe555', 'default', '01a22647-5347-72d6-a749-8eda6653b77d-001', NULL, '{"lifecycle":"POST_USER_CREATE","notifications":"CREATED"}', 'admin', 'operator', 1795938538313, 6, '{"params":{"user_id":1,"id":1,"uuid":"01a22647-5347-72d6-a749-8eda6653b77d-001","username":"jane","email":"jane@example.com","first_name":"","last_name":"","attributes":{},"created_at":"2026-11-29T07:48:58.311Z","updated_at":"2026-11-29T07:48:58.311Z"},"operation":"01a22647-5325-7167-a3e7-43c58f43d315","user":{"username":"admin","role":"operator"}}', '["jane"]', NULL, NULL);
INSERT INTO "event" VALUES (1839041063259136, '01a22647-5357-76a1-b34f-f6f5d5fc6dc6', 'default', '01a22647-5363-7965-bcf0-997ef5fe7824-002', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', '{"objects":"OBJECT_CREATED_PUT","notifications":"UPLOADED","lifecycle":"POST_OBJECT_PUT"}', 'admin', 's3', 1795938538339, 6, '{"bucket":"photos","key":"cat.jpg","size":4,"eTag":"4a4be40c96ac6314e91d93f38043a634","contentType":"image/jpeg","lastModifiedMs":1795938538339,"reason":"PutObject","userMetadata":{},"tags":{}}', '["admin"]', NULL, NULL);
INSERT INTO "delivery" VALUES (1839041063259136, 1, 'default', 2, 1, 1, NULL, 'connection', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "delivery" VALUES (1839041063259136, 2, 'default', 0, 1, 1, 1795938550061, NULL, NULL, NULL, NULL, NULL, 11694, NULL, NULL);
INSERT INTO "delivery" VALUES (1839041063259136, 4, 'default', 1, 1, 1, NULL, NULL, 1795938538349, 45, 250, '250 kept as 01a226475396-000688991d4d8c00-01a22647-52f5-7025-8bb2-31bb2501be9d-042.default.eml', NULL, NULL, NULL);
INSERT INTO "delivery" VALUES (1839041063259136, 5, 'default', 2, 1, 1, NULL, 'connection', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "delivery" VALUES (1839041063259136, 6, 'default', 2, 1, 1, NULL, 'connection', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "attempt" VALUES (1839041063259136, 1, 1, 1795938538346, 18, NULL, 'connection', 'connection refused', NULL);
INSERT INTO "attempt" VALUES (1839041063259136, 2, 1, 1795938538347, 20, NULL, 'connection', 'connection refused', NULL);
INSERT INTO "attempt" VALUES (1839041063259136, 5, 1, 1795938538352, 16, NULL, 'connection', 'connection refused', NULL);
INSERT INTO "attempt" VALUES (1839041063259136, 6, 1, 1795938538353, 16, NULL, 'connection', 'connection refused', NULL);
INSERT INTO "usage" VALUES ('2026-11-29', 'default', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', 0, 1, 0, 0, 0);
INSERT INTO "usage" VALUES ('2026-11-29', 'default', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', 1, 0, 1, 0, 1);
INSERT INTO "usage" VALUES ('2026-11-29', 'default', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', 2, 0, 1, 0, 0);
INSERT INTO "usage" VALUES ('2026-11-29', 'default', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', 4, 0, 1, 1, 0);
INSERT INTO "usage" VALUES ('2026-11-29', 'default', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', 5, 0, 1, 0, 1);
INSERT INTO "usage" VALUES ('2026-11-29', 'default', '01a22647-4b25-7608-a9b5-9bf574e96ad3-101', 6, 0, 1, 0, 1);
INSERT INTO "usage" VALUES ('2026-11-29', 'default', '01a22647-5347-72d6-a749-8eda6653b77d-001', 0, 1, 0, 0, 0);
INSERT INTO "app" VALUES (1, '01a22647-4c52-7641-a508-e7e33a09aa23-005', 'default', 'user-management', 'User Management', 'admin', 1795938536530, 1795938536530, 0);
INSERT INTO "function" VALUES (1, '01a22647-52b5-7e5d-a6f1-40a0edb7929a-102', 'default', 1, 'allow', 'Allow', 1, 300000, '{}', 'v1.VpjLc1N1aVlGfyfE04YU/J+LPHgCvAqSCx1mp+omt2NmcCsGxX3ouL/Jhw==', '["KEY"]', '[]', 0, 1, 'admin', 'admin', 1795938538165, 1795938538165, 1, NULL, 'admin', '{"KEY":"admin"}');
INSERT INTO "function_version" VALUES (1, 1, '0d7bbca988d0929f3779525c84be1443995f76bcc381b9d3aa4f5349df36c3c7', 'javascript', 1795938538165, 'admin', 'export default () => ({ decision: ''allow'' })', 'export default () => ({ decision: ''allow'' })', NULL);
INSERT INTO "invocation" VALUES (1, 'default', 1, 1, 'pre', 'PRE_USER_CREATE', '01a22647-532a-7dc7-af8f-556f6a30e1da', '01a22647-5325-7167-a3e7-43c58f43d315', 3, NULL, 1, 'succeeded', '{"decision":"allow"}', '{"decision":"allow"}', NULL, NULL, '[]', 0, 1795938538283, 1795938538283, 21.913, 0.07, 10.276);
INSERT INTO "decision" VALUES ('default', '01a22647-5325-7167-a3e7-43c58f43d315', 'PRE_USER_CREATE', 'allowed', '01a22647-5347-72d6-a749-8eda6653b77d-001', 'admin', 'operator', 1795938538275, 31, '[{"subscription":3,"revision":3,"function":1,"version":1,"stage":"prepare","invocation":1,"verdict":{"decision":"allow"},"durationMs":21.913}]', '[]');
INSERT INTO "user" VALUES (1, '01a22647-5347-72d6-a749-8eda6653b77d-001', 'default', 'jane', 'jane', 'jane@example.com', '', '', '{}', 1795938538311, 1795938538311, 1, 0);
INSERT INTO "intent" VALUES ('0197f000-0000-7000-8000-000000000001', 'default', 'ORDER_CREATE', '{"total":7}', NULL, NULL, NULL, '[]', 1790000000000, NULL);
INSERT INTO "intent" VALUES ('0197f000-0000-7000-8000-000000000002', 'default', 'ORDER_CREATE', '{"total":7}', NULL, NULL, NULL, '[]', 1790000000001, 'the process ended');
INSERT INTO "run" VALUES ('93547c354199', 1795938533777, NULL, 0);
INSERT INTO "quota" VALUES ('default', 'buckets', 1, 1, NULL);
INSERT INTO "quota" VALUES ('default', 'bytes', 4, 4, NULL);
INSERT INTO "quota" VALUES ('default', 'events_per_second', 0, 0, NULL);
INSERT INTO "quota" VALUES ('default', 'functions', 1, 1, NULL);
INSERT INTO "quota" VALUES ('default', 'objects', 1, 1, NULL);
INSERT INTO "quota" VALUES ('default', 'open_uploads', 0, 0, NULL);
INSERT INTO "quota" VALUES ('default', 'principals', 2, 2, NULL);
INSERT INTO "quota" VALUES ('default', 'subscriptions', 6, 6, NULL);
UPDATE sqlite_sequence SET seq = 6 WHERE name = 'subscription';
UPDATE sqlite_sequence SET seq = 1 WHERE name = 'app';
UPDATE sqlite_sequence SET seq = 1 WHERE name = 'function';
CREATE INDEX token_by_tenant ON token (tenant, uuid);
CREATE INDEX access_key_by_tenant ON access_key (tenant, id);
CREATE UNIQUE INDEX bucket_by_name ON bucket (tenant, name) WHERE deleted_ms IS NULL;
CREATE INDEX upload_by_key ON upload (bucket, key, id);
CREATE INDEX part_by_blob ON part (blob);
CREATE INDEX piece_by_blob ON piece (blob);
CREATE INDEX subscription_by_tenant ON subscription (tenant, number) WHERE deleted_ms IS NULL AND ended_ms IS NULL;
CREATE INDEX subscription_by_scope ON subscription (tenant, scope, number) WHERE deleted_ms IS NULL AND ended_ms IS NULL;
CREATE INDEX subscription_by_revision ON subscription (tenant, revision);
CREATE INDEX delivery_by_subscription ON delivery (subscription, sequence);
CREATE INDEX delivery_waiting ON delivery (subscription, due_ms, sequence) WHERE status = 0;
CREATE INDEX delivery_open ON delivery (tenant, status, sequence, subscription) WHERE status <> 1;
CREATE INDEX redrive_running ON redrive (uuid) WHERE state = 'running';
CREATE UNIQUE INDEX app_by_slug ON app (tenant, slug) WHERE deleted = 0;
CREATE INDEX app_by_tenant ON app (tenant, number) WHERE deleted = 0;
CREATE UNIQUE INDEX function_by_slug ON function (app, slug) WHERE deleted_ms IS NULL;
CREATE INDEX function_by_app ON function (app, number) WHERE deleted_ms IS NULL;
CREATE INDEX function_version_by_hash ON function_version (function, hash, number);
CREATE UNIQUE INDEX subscription_by_function ON subscription (json_extract(target, '$.function'), event)
  WHERE face = 'lifecycle' AND deleted_ms IS NULL AND ended_ms IS NULL;
CREATE INDEX subscription_by_event ON subscription (tenant, event)
  WHERE face = 'lifecycle' AND deleted_ms IS NULL AND ended_ms IS NULL;
CREATE INDEX subscription_past_by_end ON subscription_past (until_ms);
CREATE UNIQUE INDEX invocation_of_attempt ON invocation (sequence, subscription, attempt) WHERE sequence IS NOT NULL;
CREATE INDEX invocation_by_function ON invocation (function, status, trigger, number);
CREATE INDEX invocation_without_event ON invocation (created_ms) WHERE sequence IS NULL;
CREATE INDEX decision_by_time ON decision (time_ms);
CREATE UNIQUE INDEX user_by_name ON user (tenant, folded);
CREATE INDEX user_by_tenant ON user (tenant, number);
CREATE INDEX user_by_email ON user (tenant, email, number);
CREATE INDEX remembered_by_age ON remembered (created_ms);
CREATE INDEX intent_by_tenant ON intent (tenant, operation);
CREATE INDEX intent_unresolved ON intent (operation) WHERE unresolved IS NOT NULL;
CREATE INDEX subscription_listening ON subscription (tenant, number)
  WHERE deleted_ms IS NULL AND ended_ms IS NULL AND taken IS NULL;
CREATE INDEX subscription_watching ON subscription (scope) WHERE face = 'notifications' AND substr(scope, -4) = '-011';
CREATE INDEX subscription_counted ON subscription (tenant, owner, taken, ended_ms, deleted_ms)
  WHERE deleted_ms IS NULL AND ended_ms IS NULL AND taken IS NULL;
CREATE INDEX subscription_over ON subscription (updated_ms)
  WHERE face = 'notifications' AND (outcome IS NOT NULL OR deleted_ms IS NOT NULL);
CREATE INDEX subscription_by_owner ON subscription (tenant, owner, number);
CREATE INDEX subscription_of_face ON subscription (tenant, face, number);
CREATE INDEX subscription_of_tenant ON subscription (tenant, number);
CREATE INDEX resource_grant_ended ON resource_grant (ended_ms) WHERE ended_ms IS NOT NULL;
CREATE INDEX principal_managing ON principal (tenant, role) WHERE role <> 'member';
CREATE INDEX principal_by_user ON principal (tenant, user) WHERE user IS NOT NULL;
CREATE UNIQUE INDEX object_by_uuid ON object (uuid);
CREATE INDEX registered_by_tenant ON registered (tenant, kind, uuid);
CREATE INDEX subscription_to_function ON subscription (json_extract(target, '$.function'), number)
  WHERE deleted_ms IS NULL AND json_extract(target, '$.function') IS NOT NULL;
CREATE INDEX principal_ended ON principal (tenant, name) WHERE ended_ms IS NOT NULL;
CREATE INDEX token_by_principal ON token (tenant, principal);
CREATE INDEX access_key_by_principal ON access_key (tenant, principal);
CREATE INDEX event_aside_by_tenant ON event_aside (tenant, state, sequence);
CREATE INDEX event_aside_by_state ON event_aside (state, sequence);
CREATE INDEX run_incomplete ON run (ended_ms) WHERE complete = 0;
CREATE INDEX mail_question_by_owner ON mail_question (tenant, owner, asked_ms);
CREATE INDEX mail_question_by_tenant ON mail_question (tenant, asked_ms);
CREATE INDEX mail_question_by_time ON mail_question (asked_ms);
CREATE INDEX quota_unjudged ON quota (tenant, name) WHERE used <> judged;
CREATE INDEX quota_bound ON quota (name, tenant) WHERE bound IS NOT NULL;
CREATE VIEW quota_counted AS
  SELECT t.id AS tenant, 'bytes' AS name,
    (SELECT coalesce(sum(o.size), 0) FROM bucket b JOIN object o ON o.bucket = b.uuid WHERE b.tenant = t.id) +
    (SELECT coalesce(sum(p.size), 0) FROM bucket b JOIN upload u ON u.bucket = b.uuid JOIN part p ON p.upload = u.id
      WHERE b.tenant = t.id) AS used
    FROM tenant t
  UNION ALL SELECT t.id, 'objects',
    (SELECT count(*) FROM bucket b JOIN object o ON o.bucket = b.uuid WHERE b.tenant = t.id) FROM tenant t
  UNION ALL SELECT t.id, 'buckets',
    (SELECT count(*) FROM bucket b WHERE b.tenant = t.id AND b.deleted_ms IS NULL) FROM tenant t
  UNION ALL SELECT t.id, 'principals', (SELECT count(*) FROM principal p WHERE p.tenant = t.id AND p.ended_ms IS NULL) FROM tenant t
  UNION ALL SELECT t.id, 'open_uploads',
    (SELECT count(*) FROM bucket b JOIN upload u ON u.bucket = b.uuid WHERE b.tenant = t.id) FROM tenant t
  UNION ALL SELECT t.id, 'subscriptions',
    (SELECT count(*) FROM subscription s
      WHERE s.tenant = t.id AND s.deleted_ms IS NULL AND s.ended_ms IS NULL AND s.taken IS NULL) FROM tenant t
  UNION ALL SELECT t.id, 'functions',
    (SELECT count(*) FROM function f WHERE f.tenant = t.id AND f.deleted_ms IS NULL) FROM tenant t
  UNION ALL SELECT t.id, 'events_per_second', 0 FROM tenant t;
CREATE TRIGGER quota_object_added AFTER INSERT ON object BEGIN
  UPDATE quota SET used = used + iif(name = 'bytes', NEW.size, 1)
    WHERE tenant = (SELECT tenant FROM bucket WHERE uuid = NEW.bucket) AND name IN ('bytes', 'objects');
END;
CREATE TRIGGER quota_object_changed AFTER UPDATE OF size ON object WHEN NEW.size <> OLD.size BEGIN
  UPDATE quota SET used = used + NEW.size - OLD.size
    WHERE tenant = (SELECT tenant FROM bucket WHERE uuid = NEW.bucket) AND name = 'bytes';
END;
CREATE TRIGGER quota_object_removed AFTER DELETE ON object BEGIN
  UPDATE quota SET used = used - iif(name = 'bytes', OLD.size, 1)
    WHERE tenant = (SELECT tenant FROM bucket WHERE uuid = OLD.bucket) AND name IN ('bytes', 'objects');
END;
CREATE TRIGGER quota_part_added AFTER INSERT ON part BEGIN
  UPDATE quota SET used = used + NEW.size
    WHERE tenant = (SELECT b.tenant FROM upload u JOIN bucket b ON b.uuid = u.bucket WHERE u.id = NEW.upload)
      AND name = 'bytes';
END;
CREATE TRIGGER quota_part_changed AFTER UPDATE OF size ON part WHEN NEW.size <> OLD.size BEGIN
  UPDATE quota SET used = used + NEW.size - OLD.size
    WHERE tenant = (SELECT b.tenant FROM upload u JOIN bucket b ON b.uuid = u.bucket WHERE u.id = NEW.upload)
      AND name = 'bytes';
END;
CREATE TRIGGER quota_part_removed AFTER DELETE ON part BEGIN
  UPDATE quota SET used = used - OLD.size
    WHERE tenant = (SELECT b.tenant FROM upload u JOIN bucket b ON b.uuid = u.bucket WHERE u.id = OLD.upload)
      AND name = 'bytes';
END;
CREATE TRIGGER quota_upload_added AFTER INSERT ON upload BEGIN
  UPDATE quota SET used = used + 1
    WHERE tenant = (SELECT tenant FROM bucket WHERE uuid = NEW.bucket) AND name = 'open_uploads';
END;
CREATE TRIGGER quota_upload_removed AFTER DELETE ON upload BEGIN
  UPDATE quota SET used = used - 1
    WHERE tenant = (SELECT tenant FROM bucket WHERE uuid = OLD.bucket) AND name = 'open_uploads';
END;
CREATE TRIGGER quota_bucket_added AFTER INSERT ON bucket WHEN NEW.deleted_ms IS NULL BEGIN
  UPDATE quota SET used = used + 1 WHERE tenant = NEW.tenant AND name = 'buckets';
END;
CREATE TRIGGER quota_bucket_removed AFTER UPDATE OF deleted_ms ON bucket
  WHEN NEW.deleted_ms IS NOT NULL AND OLD.deleted_ms IS NULL BEGIN
  UPDATE quota SET used = used - 1 WHERE tenant = NEW.tenant AND name = 'buckets';
END;
CREATE TRIGGER quota_principal_added AFTER INSERT ON principal WHEN NEW.ended_ms IS NULL BEGIN
  UPDATE quota SET used = used + 1 WHERE tenant = NEW.tenant AND name = 'principals';
END;
CREATE TRIGGER quota_principal_changed AFTER UPDATE OF ended_ms ON principal
  WHEN (NEW.ended_ms IS NULL) <> (OLD.ended_ms IS NULL) BEGIN
  UPDATE quota SET used = used + iif(NEW.ended_ms IS NULL, 1, -1) WHERE tenant = NEW.tenant AND name = 'principals';
END;
CREATE TRIGGER quota_principal_removed AFTER DELETE ON principal WHEN OLD.ended_ms IS NULL BEGIN
  UPDATE quota SET used = used - 1 WHERE tenant = OLD.tenant AND name = 'principals';
END;
CREATE TRIGGER quota_subscription_added AFTER INSERT ON subscription
  WHEN NEW.deleted_ms IS NULL AND NEW.ended_ms IS NULL AND NEW.taken IS NULL BEGIN
  UPDATE quota SET used = used + 1 WHERE tenant = NEW.tenant AND name = 'subscriptions';
END;
CREATE TRIGGER quota_subscription_changed AFTER UPDATE OF deleted_ms, ended_ms, taken ON subscription
  WHEN (NEW.deleted_ms IS NULL AND NEW.ended_ms IS NULL AND NEW.taken IS NULL)
    <> (OLD.deleted_ms IS NULL AND OLD.ended_ms IS NULL AND OLD.taken IS NULL) BEGIN
  UPDATE quota SET used = used + iif(NEW.deleted_ms IS NULL AND NEW.ended_ms IS NULL AND NEW.taken IS NULL, 1, -1)
    WHERE tenant = NEW.tenant AND name = 'subscriptions';
END;
CREATE TRIGGER quota_subscription_removed AFTER DELETE ON subscription
  WHEN OLD.deleted_ms IS NULL AND OLD.ended_ms IS NULL AND OLD.taken IS NULL BEGIN
  UPDATE quota SET used = used - 1 WHERE tenant = OLD.tenant AND name = 'subscriptions';
END;
CREATE TRIGGER quota_function_added AFTER INSERT ON function WHEN NEW.deleted_ms IS NULL BEGIN
  UPDATE quota SET used = used + 1 WHERE tenant = NEW.tenant AND name = 'functions';
END;
CREATE TRIGGER quota_function_changed AFTER UPDATE OF deleted_ms ON function
  WHEN (NEW.deleted_ms IS NULL) <> (OLD.deleted_ms IS NULL) BEGIN
  UPDATE quota SET used = used + iif(NEW.deleted_ms IS NULL, 1, -1) WHERE tenant = NEW.tenant AND name = 'functions';
END;
CREATE INDEX upload_by_age ON upload (created_ms, id);
CREATE INDEX bucket_by_bare_name ON bucket (name, uuid) WHERE deleted_ms IS NULL;
CREATE INDEX redrive_by_tenant ON redrive (tenant, uuid);
CREATE INDEX redrive_over ON redrive (created_ms) WHERE state <> 'running';
CREATE INDEX delivery_line ON delivery (subscription, line, due_ms, sequence) WHERE status = 0 AND line IS NOT NULL;
CREATE INDEX invocation_by_tenant ON invocation (tenant, status, trigger, number);
CREATE INDEX invocation_by_event_type ON invocation (tenant, event_type, status, trigger, number);
CREATE INDEX invocation_by_function_and_event_type ON invocation (function, event_type, status, trigger, number);
CREATE INDEX subscription_past_of ON subscription_past (number, to_revision);
CREATE INDEX subscription_past_by_scope ON subscription_past (tenant, scope, number);
CREATE INDEX subscription_pause_by_end ON subscription_pause (until_ms);
CREATE TRIGGER subscription_pause_ended AFTER UPDATE OF paused ON subscription
  WHEN OLD.paused IS NOT NULL AND NEW.paused IS NOT OLD.paused BEGIN
  INSERT OR REPLACE INTO subscription_pause (subscription, since_ms, until_ms, reason)
    VALUES (OLD.number, OLD.paused ->> 'sinceMs', NEW.updated_ms, OLD.paused ->> 'reason');
END;
