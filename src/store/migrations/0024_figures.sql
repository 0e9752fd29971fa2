-- Figures that are written in the commit of what they count.

-- Of one subscription what waits or is dead, by event.
CREATE INDEX delivery_open_of ON delivery (subscription, status, sequence) WHERE status <> 1;

-- Of a tenant: span is 60 or 3600 seconds, at the number of the span since 1970. An empty face: what was accepted. bands: how many
-- acknowledged attempts took how long, as a list.
CREATE TABLE stat_total (
  tenant TEXT NOT NULL,
  span INTEGER NOT NULL,
  at INTEGER NOT NULL,
  face TEXT NOT NULL,
  events INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  dead INTEGER NOT NULL,
  bands TEXT NOT NULL,
  PRIMARY KEY (tenant, span, at, face)
) STRICT, WITHOUT ROWID;
CREATE INDEX stat_total_by_time ON stat_total (span, at);

-- Of a subscription and hour. From acknowledged_ms on: how things stand at its end, carried over from hour to hour.
CREATE TABLE stat_hour (
  subscription INTEGER NOT NULL,
  at INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  dead INTEGER NOT NULL,
  bands TEXT NOT NULL,
  acknowledged_ms INTEGER,
  failed_ms INTEGER,
  failed_reason TEXT,
  failed_status INTEGER,
  -- Since the last acknowledged attempt.
  failures INTEGER NOT NULL,
  failing_since_ms INTEGER,
  PRIMARY KEY (subscription, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX stat_hour_by_time ON stat_hour (at, tenant);

-- Why attempts failed and deliveries died; subscription 0: of the tenant.
CREATE TABLE stat_reason (
  tenant TEXT NOT NULL,
  span INTEGER NOT NULL,
  at INTEGER NOT NULL,
  subscription INTEGER NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  dead INTEGER NOT NULL,
  PRIMARY KEY (tenant, span, at, subscription, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX stat_reason_by_time ON stat_reason (span, at);
