-- CloudEvents that were published, so that one that is sent again is known. A key takes the place of source and id.
CREATE TABLE received_event (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX received_event_by_time ON received_event (received_ms);
