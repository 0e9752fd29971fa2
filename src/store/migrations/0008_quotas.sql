-- What each tenant has of what is bounded, kept by triggers: a write that no statement counts would be one that nothing bounds.
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

CREATE INDEX quota_unjudged ON quota (tenant, name) WHERE used <> judged;
CREATE INDEX quota_bound ON quota (name, tenant) WHERE bound IS NOT NULL;

-- How much there is of everything, counted: what the rows of quota must say at any time.
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

INSERT INTO quota (tenant, name, used, judged) SELECT tenant, name, used, used FROM quota_counted;

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

-- Parts go before their upload does.
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

-- For the sweep of uploads that were left open.
CREATE INDEX upload_by_age ON upload (created_ms, id);
