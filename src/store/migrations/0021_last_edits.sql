-- Who last edited what callers can edit, and the version that an ETag names. What has no row was not edited since it was made, or since this
-- is kept; a grant always has one.
CREATE TABLE last_edit (
  thing TEXT PRIMARY KEY,
  version TEXT NOT NULL,
  -- NULL: the host program.
  edited_by TEXT,
  edited_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO last_edit (thing, version, edited_by, edited_ms)
  SELECT 'grant:' || resource || ':' || grantee, 'before', NULL, 0 FROM resource_grant WHERE ended_ms IS NULL;

-- What ends with something else.
CREATE TRIGGER last_edit_of_subscription AFTER UPDATE OF deleted_ms ON subscription WHEN NEW.deleted_ms IS NOT NULL BEGIN
  DELETE FROM last_edit WHERE thing = NEW.uuid;
END;
CREATE TRIGGER last_edit_of_ended_grant AFTER UPDATE OF ended_ms ON resource_grant WHEN NEW.ended_ms IS NOT NULL BEGIN
  DELETE FROM last_edit WHERE thing = 'grant:' || NEW.resource || ':' || NEW.grantee;
END;
CREATE TRIGGER last_edit_of_grant AFTER DELETE ON resource_grant BEGIN
  DELETE FROM last_edit WHERE thing = 'grant:' || OLD.resource || ':' || OLD.grantee;
END;
