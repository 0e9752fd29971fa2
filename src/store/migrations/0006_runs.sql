-- Each start of the server, so that blobs written by a run that this database knows nothing of are told from others.
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
