-- What was said of buckets as a whole (CORS, tags, …), as JSON. It goes with its bucket.
CREATE TABLE bucket_configuration (
  bucket TEXT NOT NULL REFERENCES bucket (uuid),
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (bucket, name)
) STRICT, WITHOUT ROWID;

-- Who asks before a request what it will be allowed names a bucket and no tenant.
CREATE INDEX bucket_by_bare_name ON bucket (name, uuid) WHERE deleted_ms IS NULL;
