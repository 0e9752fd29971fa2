CREATE TABLE access_key (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  principal TEXT NOT NULL,
  sealed_secret TEXT NOT NULL,
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  FOREIGN KEY (tenant, principal) REFERENCES principal (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX access_key_by_tenant ON access_key (tenant, id);

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

CREATE TABLE bucket (
  uuid TEXT PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenant (id),
  name TEXT NOT NULL,
  owner TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  deleted_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX bucket_by_name ON bucket (tenant, name) WHERE deleted_ms IS NULL;

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
  snippet TEXT,
  PRIMARY KEY (sequence, subscription)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_by_subscription ON delivery (subscription, sequence);

CREATE INDEX delivery_open ON delivery (tenant, status, sequence, subscription) WHERE status <> 1;

CREATE INDEX delivery_waiting ON delivery (subscription, due_ms, sequence) WHERE status = 0;

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
) STRICT;

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value ANY NOT NULL
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

CREATE INDEX part_by_blob ON part (blob);

CREATE TABLE piece (
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  position INTEGER NOT NULL,
  blob TEXT NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (bucket, key, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX piece_by_blob ON piece (blob);

CREATE TABLE principal (
  tenant TEXT NOT NULL REFERENCES tenant (id),
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  user TEXT,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, name)
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

CREATE INDEX redrive_running ON redrive (uuid) WHERE state = 'running';

CREATE TABLE resource_grant (
  resource TEXT NOT NULL,
  grantee TEXT NOT NULL,
  permission TEXT NOT NULL,
  PRIMARY KEY (resource, grantee)
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
) STRICT;

CREATE INDEX subscription_by_revision ON subscription (tenant, revision);

CREATE INDEX subscription_by_scope ON subscription (tenant, scope, number) WHERE deleted_ms IS NULL AND ended_ms IS NULL;

CREATE INDEX subscription_by_tenant ON subscription (tenant, number) WHERE deleted_ms IS NULL AND ended_ms IS NULL;

CREATE TABLE subscription_past (
  number INTEGER NOT NULL,
  from_revision INTEGER NOT NULL,
  to_revision INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  event TEXT NOT NULL,
  filter TEXT,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, to_revision, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenant (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  -- Grows with every change of a subscription; each event carries it.
  revision INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL
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

CREATE INDEX token_by_tenant ON token (tenant, uuid);

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

CREATE INDEX upload_by_key ON upload (bucket, key, id);

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
