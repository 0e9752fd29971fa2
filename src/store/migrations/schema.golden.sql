CREATE TABLE access_key (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  principal TEXT NOT NULL,
  sealed_secret TEXT NOT NULL,
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  FOREIGN KEY (tenant, principal) REFERENCES principal (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX access_key_by_principal ON access_key (tenant, principal);

CREATE INDEX access_key_by_tenant ON access_key (tenant, id);

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

CREATE TABLE attempt (
  sequence INTEGER NOT NULL,
  subscription INTEGER NOT NULL,
  number INTEGER NOT NULL,
  started_ms INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  http_status INTEGER,
  reason TEXT,
  message TEXT,
  snippet TEXT, made_for INTEGER, wire TEXT, batch TEXT,
  PRIMARY KEY (sequence, subscription, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob_name (
  name TEXT PRIMARY KEY,
  -- pending, used, unwanted, doomed
  state TEXT NOT NULL,
  node TEXT NOT NULL,
  since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_name_unused ON blob_name (state, since_ms, name) WHERE state <> 'used';

CREATE TRIGGER quota_bucket_added AFTER INSERT ON bucket WHEN NEW.deleted_ms IS NULL BEGIN
  UPDATE quota SET used = used + 1 WHERE tenant = NEW.tenant AND name = 'buckets';
END;

CREATE TRIGGER quota_bucket_removed AFTER UPDATE OF deleted_ms ON bucket
  WHEN NEW.deleted_ms IS NOT NULL AND OLD.deleted_ms IS NULL BEGIN
  UPDATE quota SET used = used - 1 WHERE tenant = NEW.tenant AND name = 'buckets';
END;

CREATE TABLE bucket (
  uuid TEXT PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenant (id),
  name TEXT NOT NULL,
  owner TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  deleted_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX bucket_by_bare_name ON bucket (name, uuid) WHERE deleted_ms IS NULL;

CREATE UNIQUE INDEX bucket_by_name ON bucket (tenant, name) WHERE deleted_ms IS NULL;

CREATE TABLE bucket_configuration (
  bucket TEXT NOT NULL REFERENCES bucket (uuid),
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (bucket, name)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX decision_by_tenant ON decision (tenant, time_ms, operation);

CREATE INDEX decision_by_time ON decision (time_ms);

CREATE TABLE declaration (
  -- event_type | kind
  sort TEXT NOT NULL,
  name TEXT NOT NULL,
  -- Counts what it was declared to be, from 1.
  version INTEGER NOT NULL,
  -- JSON.
  definition TEXT NOT NULL,
  -- Name of the principal; NULL: the operator's file.
  declared_by TEXT,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  -- That of all declarations as of this change: the value of `declarations` in `meta`.
  revision INTEGER NOT NULL,
  PRIMARY KEY (sort, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX declaration_by_revision ON declaration (revision);

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
  snippet TEXT, wait_ms INTEGER, patient_ms INTEGER, line TEXT, made_for INTEGER, batch TEXT,
  PRIMARY KEY (sequence, subscription)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_by_subscription ON delivery (subscription, sequence);

CREATE INDEX delivery_line ON delivery (subscription, line, due_ms, sequence) WHERE status = 0 AND line IS NOT NULL;

CREATE INDEX delivery_open ON delivery (tenant, status, sequence, subscription) WHERE status <> 1;

CREATE INDEX delivery_open_of ON delivery (subscription, status, sequence) WHERE status <> 1;

CREATE INDEX delivery_waiting ON delivery (subscription, due_ms, sequence) WHERE status = 0;

CREATE TABLE destination (
  number INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  -- JSON: a webhook, without what is sealed of it.
  target TEXT NOT NULL,
  sealed TEXT NOT NULL,
  -- JSON; NULL: as the face of each subscription has it.
  policy TEXT,
  -- 1: what goes wrong there raises no alerts.
  quiet INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  deleted_ms INTEGER,
  -- Of the tenant, at its last change.
  revision INTEGER NOT NULL
, tags TEXT) STRICT;

CREATE UNIQUE INDEX destination_by_name ON destination (tenant, name) WHERE deleted_ms IS NULL;

CREATE INDEX destination_deleted ON destination (deleted_ms) WHERE deleted_ms IS NOT NULL;

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

CREATE TRIGGER open_count_aside_added AFTER INSERT ON event_aside BEGIN
  INSERT INTO open_count (tenant, aside, poisoned) VALUES (NEW.tenant, NEW.state = 'waiting', NEW.state = 'poisoned')
    ON CONFLICT (tenant) DO UPDATE SET aside = aside + excluded.aside, poisoned = poisoned + excluded.poisoned;
END;

CREATE TRIGGER open_count_aside_changed AFTER UPDATE OF state ON event_aside WHEN NEW.state <> OLD.state BEGIN
  UPDATE open_count SET aside = aside + (NEW.state = 'waiting') - (OLD.state = 'waiting'),
    poisoned = poisoned + (NEW.state = 'poisoned') - (OLD.state = 'poisoned') WHERE tenant = OLD.tenant;
END;

CREATE TRIGGER open_count_aside_removed AFTER DELETE ON event_aside BEGIN
  UPDATE open_count SET aside = aside - (OLD.state = 'waiting'), poisoned = poisoned - (OLD.state = 'poisoned')
    WHERE tenant = OLD.tenant;
END;

CREATE TABLE event_aside (
  sequence INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  -- waiting (its tenant's share of matching is used up) or poisoned (its dispatch killed the process twice)
  state TEXT NOT NULL,
  since_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX event_aside_by_state ON event_aside (state, sequence);

CREATE INDEX event_aside_by_tenant ON event_aside (tenant, state, sequence);

CREATE TRIGGER quota_function_added AFTER INSERT ON function WHEN NEW.deleted_ms IS NULL BEGIN
  UPDATE quota SET used = used + 1 WHERE tenant = NEW.tenant AND name = 'functions';
END;

CREATE TRIGGER quota_function_changed AFTER UPDATE OF deleted_ms ON function
  WHEN (NEW.deleted_ms IS NULL) <> (OLD.deleted_ms IS NULL) BEGIN
  UPDATE quota SET used = used + iif(NEW.deleted_ms IS NULL, 1, -1) WHERE tenant = NEW.tenant AND name = 'functions';
END;

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

CREATE INDEX function_by_app ON function (app, number) WHERE deleted_ms IS NULL;

CREATE UNIQUE INDEX function_by_slug ON function (app, slug) WHERE deleted_ms IS NULL;

CREATE TABLE function_version (
  function INTEGER NOT NULL REFERENCES function (number),
  number INTEGER NOT NULL,
  hash TEXT NOT NULL,
  language TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  source TEXT NOT NULL,
  js TEXT NOT NULL,
  map TEXT, ran INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (function, number)
) STRICT;

CREATE INDEX function_version_by_hash ON function_version (function, hash, number);

CREATE TRIGGER open_count_intent_added AFTER INSERT ON intent BEGIN
  INSERT INTO open_count (tenant, intents, unresolved) VALUES (NEW.tenant, NEW.unresolved IS NULL, NEW.unresolved IS NOT NULL)
    ON CONFLICT (tenant) DO UPDATE SET intents = intents + excluded.intents, unresolved = unresolved + excluded.unresolved;
END;

CREATE TRIGGER open_count_intent_changed AFTER UPDATE OF unresolved ON intent BEGIN
  UPDATE open_count SET intents = intents + (NEW.unresolved IS NULL) - (OLD.unresolved IS NULL),
    unresolved = unresolved + (NEW.unresolved IS NOT NULL) - (OLD.unresolved IS NOT NULL) WHERE tenant = OLD.tenant;
END;

CREATE TRIGGER open_count_intent_removed AFTER DELETE ON intent BEGIN
  UPDATE open_count SET intents = intents - (OLD.unresolved IS NULL), unresolved = unresolved - (OLD.unresolved IS NOT NULL)
    WHERE tenant = OLD.tenant;
END;

CREATE TRIGGER quota_operation_begun AFTER INSERT ON intent WHEN NEW.origin = 'host' BEGIN
  UPDATE quota SET used = used + 1 WHERE tenant = NEW.tenant AND name = 'open_operations';
END;

CREATE TRIGGER quota_operation_ended AFTER DELETE ON intent WHEN OLD.origin = 'host' BEGIN
  UPDATE quota SET used = used - 1 WHERE tenant = OLD.tenant AND name = 'open_operations';
END;

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
, node TEXT, origin TEXT NOT NULL DEFAULT 'library', resource TEXT, ask_ms INTEGER, asked INTEGER NOT NULL DEFAULT 0, host_transaction TEXT) STRICT, WITHOUT ROWID;

CREATE INDEX intent_by_tenant ON intent (tenant, operation);

CREATE INDEX intent_due ON intent (ask_ms) WHERE ask_ms IS NOT NULL;

CREATE INDEX intent_unresolved ON intent (operation) WHERE unresolved IS NOT NULL;

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

CREATE INDEX invocation_by_event_type ON invocation (tenant, event_type, status, trigger, number);

CREATE INDEX invocation_by_function ON invocation (function, status, trigger, number);

CREATE INDEX invocation_by_function_and_event_type ON invocation (function, event_type, status, trigger, number);

CREATE INDEX invocation_by_tenant ON invocation (tenant, status, trigger, number);

CREATE UNIQUE INDEX invocation_of_attempt ON invocation (sequence, subscription, attempt) WHERE sequence IS NOT NULL;

CREATE INDEX invocation_without_event ON invocation (created_ms) WHERE sequence IS NULL;

CREATE TABLE issuer_link (
  tenant TEXT NOT NULL,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  principal TEXT NOT NULL,
  -- In seconds, when the newest token was issued that gave the principal its role; NULL where tokens give none.
  issued_s INTEGER,
  PRIMARY KEY (tenant, issuer, subject),
  FOREIGN KEY (tenant, principal) REFERENCES principal (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX issuer_link_by_principal ON issuer_link (tenant, principal);

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

CREATE TABLE last_edit (
  thing TEXT PRIMARY KEY,
  version TEXT NOT NULL,
  -- NULL: the host program.
  edited_by TEXT,
  edited_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE login_code (
  hash TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  principal TEXT NOT NULL,
  token TEXT NOT NULL REFERENCES token (uuid),
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  FOREIGN KEY (tenant, principal) REFERENCES principal (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX login_code_by_end ON login_code (expires_ms);

CREATE INDEX login_code_by_principal ON login_code (tenant, principal, created_ms);

CREATE INDEX login_code_by_token ON login_code (token);

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

CREATE TABLE mail_refusal (
  mailbox TEXT PRIMARY KEY,
  refused_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE news (
  last INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  count INTEGER NOT NULL,
  -- JSON: of a delivery [sequence, subscription, status, attempts], of an invocation [number], of a redrive ["uuid"].
  items TEXT NOT NULL
) STRICT;

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

CREATE UNIQUE INDEX object_by_uuid ON object (uuid);

CREATE TABLE open_count (
  tenant TEXT PRIMARY KEY,
  -- Deliveries, counted by the statements that write them: a trigger would cost every delivery a third of its row, and most are neither.
  waiting INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0,
  -- Events.
  aside INTEGER NOT NULL DEFAULT 0,
  poisoned INTEGER NOT NULL DEFAULT 0,
  -- Operations.
  intents INTEGER NOT NULL DEFAULT 0,
  unresolved INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE operation_end (
  operation TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  type TEXT NOT NULL,
  outcome TEXT NOT NULL,
  -- Id of the POST event of one that was committed.
  event TEXT,
  -- Why it was aborted.
  reason TEXT,
  ended_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX operation_end_by_time ON operation_end (ended_ms);

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

CREATE TABLE principal (
  tenant TEXT NOT NULL REFERENCES tenant (id),
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  user TEXT,
  created_ms INTEGER NOT NULL, ended_ms INTEGER,
  PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX principal_by_user ON principal (tenant, user) WHERE user IS NOT NULL;

CREATE INDEX principal_ended ON principal (tenant, name) WHERE ended_ms IS NOT NULL;

CREATE INDEX principal_managing ON principal (tenant, role) WHERE role <> 'member';

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

CREATE INDEX quota_bound ON quota (name, tenant) WHERE bound IS NOT NULL;

CREATE INDEX quota_unjudged ON quota (tenant, name) WHERE used <> judged;

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
  UNION ALL SELECT t.id, 'open_operations',
    (SELECT count(*) FROM intent i WHERE i.tenant = t.id AND i.origin = 'host') FROM tenant t
  UNION ALL SELECT t.id, 'events_per_second', 0 FROM tenant t;

CREATE TABLE received_event (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX received_event_by_time ON received_event (received_ms);

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
, per_second INTEGER, looked INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE INDEX redrive_by_tenant ON redrive (tenant, uuid);

CREATE INDEX redrive_over ON redrive (created_ms) WHERE state <> 'running';

CREATE INDEX redrive_running ON redrive (uuid) WHERE state = 'running';

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

CREATE INDEX registered_by_kind ON registered (kind);

CREATE INDEX registered_by_owner ON registered (tenant, kind, owner, uuid);

CREATE INDEX registered_by_tenant ON registered (tenant, kind, uuid);

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

CREATE TABLE resolver (
  tenant TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  -- The signing secrets, sealed.
  sealed TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER last_edit_of_ended_grant AFTER UPDATE OF ended_ms ON resource_grant WHEN NEW.ended_ms IS NOT NULL BEGIN
  DELETE FROM last_edit WHERE thing = 'grant:' || NEW.resource || ':' || NEW.grantee;
END;

CREATE TRIGGER last_edit_of_grant AFTER DELETE ON resource_grant BEGIN
  DELETE FROM last_edit WHERE thing = 'grant:' || OLD.resource || ':' || OLD.grantee;
END;

CREATE TABLE resource_grant (
  resource TEXT NOT NULL,
  grantee TEXT NOT NULL,
  permission TEXT NOT NULL, ended_ms INTEGER,
  PRIMARY KEY (resource, grantee)
) STRICT, WITHOUT ROWID;

CREATE INDEX resource_grant_ended ON resource_grant (ended_ms) WHERE ended_ms IS NOT NULL;

CREATE TABLE run (
  -- The last 12 digits of the names of the blobs that it wrote.
  mark TEXT PRIMARY KEY,
  started_ms INTEGER NOT NULL,
  -- When the next run found it ended.
  ended_ms INTEGER,
  -- Set when all that it committed is in this database.
  complete INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX run_incomplete ON run (ended_ms) WHERE complete = 0;

CREATE TABLE session (
  uuid TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  principal TEXT NOT NULL,
  -- By which it came; it ends with that.
  token TEXT REFERENCES token (uuid),
  issuer TEXT,
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  CHECK ((token IS NULL) <> (issuer IS NULL)),
  FOREIGN KEY (tenant, principal) REFERENCES principal (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_end ON session (expires_ms);

CREATE INDEX session_by_principal ON session (tenant, principal, uuid);

CREATE INDEX session_by_tenant ON session (tenant, uuid);

CREATE INDEX session_by_token ON session (token);

CREATE TABLE stat_hour (
  subscription INTEGER NOT NULL,
  at INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  dead INTEGER NOT NULL,
  bands TEXT NOT NULL,
  acknowledged_ms INTEGER,
  failed_ms INTEGER,
  failed_reason TEXT,
  failed_status INTEGER,
  -- Since the last acknowledged attempt.
  failures INTEGER NOT NULL,
  failing_since_ms INTEGER,
  PRIMARY KEY (subscription, at)
) STRICT, WITHOUT ROWID;

CREATE INDEX stat_hour_by_time ON stat_hour (at, tenant);

CREATE TABLE stat_reason (
  tenant TEXT NOT NULL,
  span INTEGER NOT NULL,
  at INTEGER NOT NULL,
  subscription INTEGER NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  dead INTEGER NOT NULL,
  PRIMARY KEY (tenant, span, at, subscription, reason)
) STRICT, WITHOUT ROWID;

CREATE INDEX stat_reason_by_time ON stat_reason (span, at);

CREATE TABLE stat_total (
  tenant TEXT NOT NULL,
  span INTEGER NOT NULL,
  at INTEGER NOT NULL,
  face TEXT NOT NULL,
  events INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  dead INTEGER NOT NULL,
  bands TEXT NOT NULL,
  PRIMARY KEY (tenant, span, at, face)
) STRICT, WITHOUT ROWID;

CREATE INDEX stat_total_by_time ON stat_total (span, at);

CREATE TRIGGER last_edit_of_subscription AFTER UPDATE OF deleted_ms ON subscription WHEN NEW.deleted_ms IS NOT NULL BEGIN
  DELETE FROM last_edit WHERE thing = NEW.uuid;
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

CREATE TRIGGER subscription_pause_ended AFTER UPDATE OF paused_ms, pause_reason ON subscription
  WHEN OLD.paused_ms IS NOT NULL AND (NEW.paused_ms IS NOT OLD.paused_ms OR NEW.pause_reason IS NOT OLD.pause_reason) BEGIN
  INSERT OR REPLACE INTO subscription_pause (subscription, since_ms, until_ms, reason)
    VALUES (OLD.number, OLD.paused_ms, NEW.updated_ms, OLD.pause_reason);
END;

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
  owner TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  deleted_ms INTEGER,
  ended_ms INTEGER,
  -- The tenant's revision since which scope, event, filter and enabled are as they are, and that of the last change at all.
  from_revision INTEGER NOT NULL,
  revision INTEGER NOT NULL
, once INTEGER NOT NULL DEFAULT 0, taken INTEGER, outcome TEXT, unconfirmed INTEGER NOT NULL DEFAULT 0, retry TEXT, pace TEXT, keep_dead INTEGER NOT NULL DEFAULT 1, ends_with_scope INTEGER NOT NULL DEFAULT 1, function INTEGER, sealed TEXT, paused_ms INTEGER, pause_reason TEXT, seen_by TEXT, needs TEXT, once_per_function INTEGER NOT NULL DEFAULT 0, drop_when_over INTEGER NOT NULL DEFAULT 0, capture TEXT, sends_from_revision INTEGER NOT NULL DEFAULT 0, access TEXT, destination INTEGER, managed TEXT) STRICT;

CREATE INDEX subscription_by_event ON subscription (tenant, event)
  WHERE once_per_function = 1 AND deleted_ms IS NULL AND ended_ms IS NULL;

CREATE UNIQUE INDEX subscription_by_function ON subscription (function, event)
  WHERE once_per_function = 1 AND deleted_ms IS NULL AND ended_ms IS NULL;

CREATE INDEX subscription_by_owner ON subscription (tenant, owner, number);

CREATE INDEX subscription_by_revision ON subscription (tenant, revision);

CREATE INDEX subscription_by_scope ON subscription (tenant, scope, number) WHERE deleted_ms IS NULL AND ended_ms IS NULL;

CREATE INDEX subscription_by_scope_kind ON subscription (substr(scope, -3), scope);

CREATE INDEX subscription_by_tenant ON subscription (tenant, number) WHERE deleted_ms IS NULL AND ended_ms IS NULL;

CREATE INDEX subscription_counted ON subscription (tenant, owner, taken, ended_ms, deleted_ms)
  WHERE deleted_ms IS NULL AND ended_ms IS NULL AND taken IS NULL;

CREATE INDEX subscription_listening ON subscription (tenant, number)
  WHERE deleted_ms IS NULL AND ended_ms IS NULL AND taken IS NULL;

CREATE INDEX subscription_of_face ON subscription (tenant, face, number);

CREATE INDEX subscription_of_tenant ON subscription (tenant, number);

CREATE INDEX subscription_over ON subscription (updated_ms)
  WHERE drop_when_over = 1 AND (outcome IS NOT NULL OR deleted_ms IS NOT NULL);

CREATE INDEX subscription_to_destination ON subscription (destination, number) WHERE destination IS NOT NULL;

CREATE INDEX subscription_to_event ON subscription (event, number)
  WHERE face = 'lifecycle' AND deleted_ms IS NULL AND ended_ms IS NULL;

CREATE INDEX subscription_to_function ON subscription (function, number) WHERE deleted_ms IS NULL AND function IS NOT NULL;

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

CREATE INDEX subscription_past_by_end ON subscription_past (until_ms);

CREATE INDEX subscription_past_by_scope ON subscription_past (tenant, scope, number);

CREATE INDEX subscription_past_of ON subscription_past (number, to_revision);

CREATE TABLE subscription_pause (
  subscription INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (subscription, since_ms)
) STRICT, WITHOUT ROWID;

CREATE INDEX subscription_pause_by_end ON subscription_pause (until_ms);

CREATE TABLE tally (
  number INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  -- JSON: {accepted: [[tenant, scope, events]], counts, reasons}.
  counted TEXT NOT NULL
) STRICT;

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
  revoked_ms INTEGER, all_tenants INTEGER, event_types TEXT, kinds TEXT, made_by TEXT,
  FOREIGN KEY (tenant, principal) REFERENCES principal (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX token_by_principal ON token (tenant, principal);

CREATE INDEX token_by_tenant ON token (tenant, uuid);

CREATE TRIGGER quota_upload_added AFTER INSERT ON upload BEGIN
  UPDATE quota SET used = used + 1
    WHERE tenant = (SELECT tenant FROM bucket WHERE uuid = NEW.bucket) AND name = 'open_uploads';
END;

CREATE TRIGGER quota_upload_removed AFTER DELETE ON upload BEGIN
  UPDATE quota SET used = used - 1
    WHERE tenant = (SELECT tenant FROM bucket WHERE uuid = OLD.bucket) AND name = 'open_uploads';
END;

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

CREATE INDEX upload_by_age ON upload (created_ms, id);

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

CREATE INDEX user_by_email ON user (tenant, email, number);

CREATE UNIQUE INDEX user_by_name ON user (tenant, folded);

CREATE INDEX user_by_tenant ON user (tenant, number);

CREATE TABLE user_schema (
  tenant TEXT PRIMARY KEY REFERENCES tenant (id),
  schema TEXT NOT NULL
) STRICT, WITHOUT ROWID;
