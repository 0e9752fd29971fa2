-- Names of bytes that lie in a bucket; `name` begins with the body's.
CREATE TABLE blob_name (
  name text COLLATE "C" PRIMARY KEY,
  -- pending, used, unwanted, doomed
  state text COLLATE "C" NOT NULL,
  node text COLLATE "C" NOT NULL,
  since_ms bigint NOT NULL
);
-- Most are used, and nothing asks since when.
CREATE INDEX blob_name_unused ON blob_name (state, since_ms, name) WHERE state <> 'used';
