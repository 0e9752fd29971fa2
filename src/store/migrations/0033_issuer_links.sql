-- Principals that are logged in by tokens of an issuer outside: one subject of one issuer each.
CREATE TABLE issuer_link (
  tenant TEXT NOT NULL,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  principal TEXT NOT NULL,
  -- In seconds, when the newest token was issued that gave the principal its role; NULL where tokens give none.
  issued_s INTEGER,
  PRIMARY KEY (tenant, issuer, subject),
  FOREIGN KEY (tenant, principal) REFERENCES principal (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX issuer_link_by_principal ON issuer_link (tenant, principal);
