-- Apps and functions keep their row when they are deleted: invocations and dead letters name them by number.
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
CREATE UNIQUE INDEX app_by_slug ON app (tenant, slug) WHERE deleted = 0;
CREATE INDEX app_by_tenant ON app (tenant, number) WHERE deleted = 0;

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
) STRICT;
CREATE UNIQUE INDEX function_by_slug ON function (app, slug) WHERE deleted_ms IS NULL;
CREATE INDEX function_by_app ON function (app, number) WHERE deleted_ms IS NULL;

-- What is long comes last, so that lists, which do not ask for it, do not read it.
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
CREATE INDEX function_version_by_hash ON function_version (function, hash, number);

-- A function hears an event type once.
CREATE UNIQUE INDEX subscription_by_function ON subscription (json_extract(target, '$.function'), event)
  WHERE face = 'lifecycle' AND deleted_ms IS NULL AND ended_ms IS NULL;
CREATE INDEX subscription_of_function ON subscription (json_extract(target, '$.function'), number)
  WHERE face = 'lifecycle' AND deleted_ms IS NULL;
CREATE INDEX subscription_by_event ON subscription (tenant, event)
  WHERE face = 'lifecycle' AND deleted_ms IS NULL AND ended_ms IS NULL;

-- Retention makes many small steps: none of them may look through all of it.
CREATE INDEX subscription_past_by_end ON subscription_past (until_ms);

-- Numbers are given out beforehand, in blocks, from meta.last_invocation.
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
CREATE UNIQUE INDEX invocation_of_attempt ON invocation (sequence, subscription, attempt) WHERE sequence IS NOT NULL;
-- Each of the nine pairs of status and trigger is one run in this index: a list merges those that it asks for.
CREATE INDEX invocation_by_function ON invocation (function, status, trigger, number);
-- Those with a sequence go with their event.
CREATE INDEX invocation_without_event ON invocation (created_ms) WHERE sequence IS NULL;

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
CREATE INDEX decision_by_time ON decision (time_ms);

-- Numbers are given out beforehand, from meta.last_user.
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
) STRICT;
CREATE UNIQUE INDEX user_by_name ON user (tenant, folded);
CREATE INDEX user_by_tenant ON user (tenant, number);
CREATE INDEX user_by_email ON user (tenant, email, number);

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
CREATE INDEX remembered_by_age ON remembered (created_ms);

-- Operations are UUIDs v7, so their order is that of age.
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
CREATE INDEX intent_by_tenant ON intent (tenant, operation);
CREATE INDEX intent_unresolved ON intent (operation) WHERE unresolved IS NOT NULL;
