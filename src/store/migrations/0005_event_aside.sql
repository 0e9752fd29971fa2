-- Events that are past the watermark and have not been dispatched: each is, until its row goes.
CREATE TABLE event_aside (
  sequence INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  -- waiting (its tenant's share of matching is used up) or poisoned (its dispatch killed the process twice)
  state TEXT NOT NULL,
  since_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX event_aside_by_tenant ON event_aside (tenant, state, sequence);
CREATE INDEX event_aside_by_state ON event_aside (state, sequence);
