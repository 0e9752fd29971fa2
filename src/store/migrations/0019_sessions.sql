-- Who is logged in by a browser. Of what its cookie holds only the hash is kept.
CREATE TABLE session (
  uuid TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  principal TEXT NOT NULL,
  -- By which it came; it ends with that.
  token TEXT NOT NULL REFERENCES token (uuid),
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  FOREIGN KEY (tenant, principal) REFERENCES principal (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_tenant ON session (tenant, uuid);
CREATE INDEX session_by_principal ON session (tenant, principal, uuid);
CREATE INDEX session_by_token ON session (token);
CREATE INDEX session_by_end ON session (expires_ms);

-- Codes of links by which one logs in, each once.
CREATE TABLE login_code (
  hash TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  principal TEXT NOT NULL,
  token TEXT NOT NULL REFERENCES token (uuid),
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  FOREIGN KEY (tenant, principal) REFERENCES principal (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX login_code_by_principal ON login_code (tenant, principal, created_ms);
CREATE INDEX login_code_by_token ON login_code (token);
CREATE INDEX login_code_by_end ON login_code (expires_ms);
