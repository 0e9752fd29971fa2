-- Names of bytes that lie in a bucket; `name` begins with the body's. Where bytes lie in the data folder there are none.
CREATE TABLE blob_name (
  name TEXT PRIMARY KEY,
  -- pending, used, unwanted, doomed
  state TEXT NOT NULL,
  node TEXT NOT NULL,
  since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Most are used, and nothing asks since when.
CREATE INDEX blob_name_unused ON blob_name (state, since_ms, name) WHERE state <> 'used';
