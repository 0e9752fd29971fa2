-- A one-shot subscription (once) is taken by the event with that sequence; the outcome is that of its delivery.
ALTER TABLE subscription ADD COLUMN once INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subscription ADD COLUMN taken INTEGER;
-- complete or failed
ALTER TABLE subscription ADD COLUMN outcome TEXT;
-- The owner of its address has not yet agreed: it matches nothing.
ALTER TABLE subscription ADD COLUMN unconfirmed INTEGER NOT NULL DEFAULT 0;
-- What its owner said about retries, where that is more than the policy.
ALTER TABLE subscription ADD COLUMN retry TEXT;
CREATE INDEX subscription_listening ON subscription (tenant, number)
  WHERE deleted_ms IS NULL AND ended_ms IS NULL AND taken IS NULL;
-- Subscriptions that others are subscribed to.
CREATE INDEX subscription_watching ON subscription (scope) WHERE face = 'notifications' AND substr(scope, -4) = '-011';
-- How many somebody has is counted before each one more: in the index alone.
CREATE INDEX subscription_counted ON subscription (tenant, owner, taken, ended_ms, deleted_ms)
  WHERE deleted_ms IS NULL AND ended_ms IS NULL AND taken IS NULL;
-- What retention may take away once nothing is left that was sent to it.
CREATE INDEX subscription_over ON subscription (updated_ms)
  WHERE face = 'notifications' AND (outcome IS NOT NULL OR deleted_ms IS NOT NULL);
CREATE INDEX subscription_by_owner ON subscription (tenant, owner, number);
CREATE INDEX subscription_of_face ON subscription (tenant, face, number);
CREATE INDEX subscription_of_tenant ON subscription (tenant, number);

-- NULL: that of the subscription, as it is for all that were kept before scopes could change.
ALTER TABLE subscription_past ADD COLUMN scope TEXT;

-- Names of principals, as JSON: who sees what it is about without being granted that. NULL: nobody is known.
ALTER TABLE event ADD COLUMN owners TEXT;
-- Uuid of the only subscription that hears it.
ALTER TABLE event ADD COLUMN addressee TEXT;

-- Of a resource that is gone: kept until its events are done, so that DELETED reaches who saw it just before.
ALTER TABLE resource_grant ADD COLUMN ended_ms INTEGER;
CREATE INDEX resource_grant_ended ON resource_grant (ended_ms) WHERE ended_ms IS NOT NULL;

CREATE INDEX principal_managing ON principal (tenant, role) WHERE role <> 'member';
CREATE INDEX principal_by_user ON principal (tenant, user) WHERE user IS NOT NULL;

-- Until now only admins and hosts could set addresses.
ALTER TABLE user ADD COLUMN email_verified INTEGER NOT NULL DEFAULT 0;
UPDATE user SET email_verified = 1 WHERE email <> '';

CREATE UNIQUE INDEX object_by_uuid ON object (uuid);

-- Resources that a host keeps itself and told us of.
CREATE TABLE registered (
  uuid TEXT PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenant (id),
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  -- Slug.
  app TEXT,
  data TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX registered_by_tenant ON registered (tenant, kind, uuid);

-- Functions may hear events of every face.
CREATE INDEX subscription_to_function ON subscription (json_extract(target, '$.function'), number)
  WHERE deleted_ms IS NULL AND json_extract(target, '$.function') IS NOT NULL;
DROP INDEX subscription_of_function;
