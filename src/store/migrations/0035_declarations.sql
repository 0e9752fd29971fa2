-- Event types, and kinds of resources, that a platform declares while Signalbox runs: of all tenants.
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

INSERT INTO meta (key, value) VALUES ('declarations', 0);

-- Whose filters a change of the event type may break.
CREATE INDEX subscription_to_event ON subscription (event, number)
  WHERE face = 'lifecycle' AND deleted_ms IS NULL AND ended_ms IS NULL;

CREATE INDEX registered_by_kind ON registered (kind);
