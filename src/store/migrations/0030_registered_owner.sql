-- A host's resources of one owner are listed without a look at those of the others.
CREATE INDEX registered_by_owner ON registered (tenant, kind, owner, uuid);
