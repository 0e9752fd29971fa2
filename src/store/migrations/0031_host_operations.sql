-- Operations that a platform began over HTTP: they belong to no process, and what came of them is asked at a URL.
ALTER TABLE intent ADD COLUMN origin TEXT NOT NULL DEFAULT 'library';
-- Uuid of what it is about, where that was said when it was begun.
ALTER TABLE intent ADD COLUMN resource TEXT;
-- When it is to be asked about; NULL: not by itself.
ALTER TABLE intent ADD COLUMN ask_ms INTEGER;
-- How often that was to be done.
ALTER TABLE intent ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
CREATE INDEX intent_due ON intent (ask_ms) WHERE ask_ms IS NOT NULL;

-- What came of those that a platform began, so that who reports it once more is given the same answer.
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

-- Where what came of operations is asked. Tenant '*': of all tenants that have no other.
CREATE TABLE resolver (
  tenant TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  -- The signing secrets, sealed.
  sealed TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A quota of those that are open. Operations of a program that runs Signalbox inside itself are bounded by that program.
INSERT INTO quota (tenant, name) SELECT id, 'open_operations' FROM tenant;

CREATE TRIGGER quota_operation_begun AFTER INSERT ON intent WHEN NEW.origin = 'host' BEGIN
  UPDATE quota SET used = used + 1 WHERE tenant = NEW.tenant AND name = 'open_operations';
END;

CREATE TRIGGER quota_operation_ended AFTER DELETE ON intent WHEN OLD.origin = 'host' BEGIN
  UPDATE quota SET used = used - 1 WHERE tenant = OLD.tenant AND name = 'open_operations';
END;

DROP VIEW quota_counted;
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
