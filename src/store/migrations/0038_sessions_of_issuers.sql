-- A session may come from a log in at an issuer; then it rests on the link of its principal in the place of a token.
CREATE TABLE session_before AS SELECT * FROM session;
DROP TABLE session;
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
INSERT INTO session (uuid, hash, tenant, principal, token, created_ms, seen_ms, expires_ms)
  SELECT uuid, hash, tenant, principal, token, created_ms, seen_ms, expires_ms FROM session_before;
DROP TABLE session_before;
CREATE INDEX session_by_tenant ON session (tenant, uuid);
CREATE INDEX session_by_principal ON session (tenant, principal, uuid);
CREATE INDEX session_by_token ON session (token);
CREATE INDEX session_by_end ON session (expires_ms);
