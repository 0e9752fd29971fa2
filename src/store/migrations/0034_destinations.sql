-- Where subscriptions may go by name. A deleted one stays as long as a subscription that is kept names it.
CREATE TABLE destination (
  number INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  -- JSON: a webhook, without what is sealed of it.
  target TEXT NOT NULL,
  sealed TEXT NOT NULL,
  -- JSON; NULL: as the face of each subscription has it.
  policy TEXT,
  -- 1: what goes wrong there raises no alerts.
  quiet INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  deleted_ms INTEGER,
  -- Of the tenant, at its last change.
  revision INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX destination_by_name ON destination (tenant, name) WHERE deleted_ms IS NULL;
CREATE INDEX destination_deleted ON destination (deleted_ms) WHERE deleted_ms IS NOT NULL;

ALTER TABLE subscription ADD COLUMN destination INTEGER;
-- JSON: what S3's notification configuration says of a rule that it made.
ALTER TABLE subscription ADD COLUMN managed TEXT;
CREATE INDEX subscription_to_destination ON subscription (destination, number) WHERE destination IS NOT NULL;
