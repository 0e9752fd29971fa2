/** The schema `signalbox` in a host's database, as SQL that may be run again and again, by this program or by the host's own migrations. */

/** Grows with each change of what is below; an older program refuses a newer schema. */
export const inboxVersion = 1;

/**
 * Of params as PostgreSQL writes them, which puts a space behind each comma and colon: twice what an event may have. The exact bound is
 * judged when a row is published.
 */
const mostParamsBytes = 524_288;
const mostActorBytes = 65_536;

/** What a host's role needs to publish: {@link grantsOf} gives it. */
const publishable = "event, tenant, type, params, app, actor, resource, operation";
const publishSignature = "text, jsonb, text, text, text, text, uuid, uuid";

export const inboxSchema = `-- Signalbox' inbox, version ${inboxVersion}. May be run again.
CREATE SCHEMA IF NOT EXISTS signalbox;

-- A UUID v7. Not uuidv7(), which PostgreSQL has from 18 on.
CREATE OR REPLACE FUNCTION signalbox.new_event_id() RETURNS uuid
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $body$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
    52, 1), 53, 1), 'hex')::uuid
$body$;

-- Which database this is: transactions of another have numbers of their own.
CREATE OR REPLACE FUNCTION signalbox.inbox_identity() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
  SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' ||
    (SELECT oid FROM pg_database WHERE datname = current_database())::text
$body$;

-- Params are json and not jsonb: what was published stays as it was, and U+0000 in a text breaks no transaction.
CREATE TABLE IF NOT EXISTS signalbox.inbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event uuid NOT NULL DEFAULT signalbox.new_event_id(),
  tenant text,
  type text NOT NULL,
  params json NOT NULL,
  app text,
  actor json,
  resource text,
  operation uuid,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Set of a row that could not be published, with the reason.
  aside_at timestamptz,
  reason text,
  -- Kept, so that a batch is bounded without all of it being read.
  bytes integer NOT NULL GENERATED ALWAYS AS (octet_length(params::text)) STORED,
  CONSTRAINT inbox_params_too_large CHECK (bytes <= ${mostParamsBytes}),
  CONSTRAINT inbox_actor_too_large CHECK (octet_length(actor::text) <= ${mostActorBytes}),
  CONSTRAINT inbox_name_too_long CHECK (
    octet_length(type) <= 256 AND octet_length(coalesce(tenant, '')) <= 256 AND octet_length(coalesce(app, '')) <= 256
      AND octet_length(coalesce(resource, '')) <= 256)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX IF NOT EXISTS inbox_waiting ON signalbox.inbox (id) WHERE aside_at IS NULL;
CREATE INDEX IF NOT EXISTS inbox_aside ON signalbox.inbox (id) WHERE aside_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS inbox_by_event ON signalbox.inbox (event);
CREATE INDEX IF NOT EXISTS inbox_by_operation ON signalbox.inbox (operation) WHERE operation IS NOT NULL;

-- For triggers, and for any language. Who may execute it needs no right on the table.
CREATE OR REPLACE FUNCTION signalbox.publish(
  type text, params jsonb, tenant text DEFAULT NULL, app text DEFAULT NULL, actor text DEFAULT NULL,
  resource text DEFAULT NULL, event uuid DEFAULT NULL, operation uuid DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  id uuid := coalesce(publish.event, signalbox.new_event_id());
BEGIN
  IF publish.type IS NULL OR publish.type !~ '^[A-Z][A-Z0-9_]{2,63}$' THEN
    RAISE invalid_parameter_value USING
      MESSAGE = 'signalbox.publish: type must be 3 to 64 of A-Z, 0-9 and _, beginning with a letter: POST_USER_CREATE';
  END IF;
  IF publish.params IS NULL OR jsonb_typeof(publish.params) <> 'object' THEN
    RAISE invalid_parameter_value USING
      MESSAGE = 'signalbox.publish: params must be a JSON object, such as jsonb_build_object(''id'', NEW.id)';
  END IF;
  IF octet_length(publish.params::text) > ${mostParamsBytes} THEN
    RAISE invalid_parameter_value USING
      MESSAGE = 'signalbox.publish: params may have 262144 bytes as JSON; put what is larger elsewhere, and its name here';
  END IF;
  INSERT INTO signalbox.inbox (${publishable})
    VALUES (id, publish.tenant, publish.type, publish.params::json, publish.app, to_json(publish.actor), publish.resource,
      publish.operation);
  RETURN id;
END
$body$;
REVOKE ALL ON FUNCTION signalbox.new_event_id(), signalbox.inbox_identity(), signalbox.publish(${publishSignature}) FROM PUBLIC;

CREATE OR REPLACE FUNCTION signalbox.inbox_version() RETURNS integer
LANGUAGE sql IMMUTABLE AS $body$ SELECT ${inboxVersion} $body$;
`;

/** What a role may do. `publisher`: a service of the host. `relay`: Signalbox itself, where it does not own the schema. */
export type InboxRole = "publisher" | "relay";

/** @param name of a role, as it stands in `pg_roles`. */
export function grantsOf(role: InboxRole, name: string): string {
  const to = `"${name.replaceAll('"', '""')}"`;
  const all = `GRANT USAGE ON SCHEMA signalbox TO ${to};\n`;
  return role === "publisher"
    ? `${all}GRANT INSERT (${publishable}) ON signalbox.inbox TO ${to};
GRANT EXECUTE ON FUNCTION signalbox.publish(${publishSignature}), signalbox.new_event_id(), signalbox.inbox_identity() TO ${to};
`
    : `${all}GRANT SELECT, UPDATE, DELETE ON signalbox.inbox TO ${to};
GRANT EXECUTE ON FUNCTION signalbox.inbox_identity() TO ${to};
`;
}
