-- The transaction of the host's own database that does the operation, as JSON, so that it can be found out what became of it. NULL: not known.
ALTER TABLE intent ADD COLUMN host_transaction TEXT;
