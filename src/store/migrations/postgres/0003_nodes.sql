-- Several nodes work on the database: see docs/decisions/0040-nodes.md.

CREATE TABLE node (
  id text COLLATE "C" PRIMARY KEY,
  version text COLLATE "C" NOT NULL,
  address text COLLATE "C" NOT NULL,
  started_ms bigint NOT NULL,
  beat_at timestamptz NOT NULL,
  leaving boolean NOT NULL DEFAULT false,
  -- Names, as JSON.
  duties text COLLATE "C" NOT NULL DEFAULT '[]',
  -- What others have to know of how it was started, as JSON.
  started_with text COLLATE "C" NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

-- Parts of the log of events: the last six bits of a sequence.
CREATE TABLE shard (
  id bigint PRIMARY KEY,
  -- node.id; NULL: it is for any to take.
  owner text COLLATE "C",
  -- Counts the changes of hands.
  epoch bigint NOT NULL DEFAULT 0,
  -- Every event of it up to this sequence is done.
  watermark bigint NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

INSERT INTO shard (id, watermark)
  SELECT id, coalesce((SELECT value FROM meta WHERE key = 'watermark'), 0) FROM generate_series(0, 63) AS id;
DELETE FROM meta WHERE key = 'watermark';

-- Sequences are numbers of this one, times 64, and the shard.
CREATE SEQUENCE event_number;
SELECT setval('event_number', (SELECT last_value FROM event_sequence) / 64 + 1);
DROP SEQUENCE event_sequence;

-- Not less than the sequence of any event.
CREATE FUNCTION last_event_sequence() RETURNS bigint LANGUAGE sql VOLATILE
  AS $$ SELECT last_value * 64 + 63 FROM event_number $$;

DROP FUNCTION append(bigint, text[], text[], text[], text[], text[], text[], text[], bigint[], text[], text[], text[], text[]);

-- Events of one commit in one shard, in their order, column by column. Gives the sequence and the revision of each. A commit that began when another was
-- made has greater sequences, and none is behind the caller's clock by more than a second. One moves the numbers on at a time, and only where they are
-- so far behind that no other comes past meanwhile. unnest reads arrays in their order, and so numbers are given in it.
CREATE FUNCTION append(now_ms bigint, shard bigint, ids text[], tenants text[], resources text[], scopes text[], names text[], actors text[], origins text[],
  times_ms bigint[], datas text[], owners text[], addressees text[], parents text[])
  RETURNS TABLE (sequence bigint, revision bigint) LANGUAGE plpgsql AS $$
DECLARE
  wanted bigint := now_ms * 16;
BEGIN
  IF nextval('event_number') < wanted - 8000 AND pg_try_advisory_lock(51264, 1) THEN
    IF (SELECT last_value FROM event_number) < wanted - 8000 THEN PERFORM setval('event_number', wanted); END IF;
    PERFORM pg_advisory_unlock(51264, 1);
  END IF;
  RETURN QUERY
    INSERT INTO event AS made (sequence, revision, id, tenant, resource, scope, names, actor, origin, time_ms, data, owners, addressee, parents)
    SELECT nextval('event_number') * 64 + append.shard, (SELECT t.revision FROM tenant t WHERE t.id = given.tenant), given.*
    FROM unnest(append.ids, append.tenants, append.resources, append.scopes, append.names, append.actors, append.origins, append.times_ms, append.datas,
      append.owners, append.addressees, append.parents)
      AS given (id, tenant, resource, scope, names, actor, origin, time_ms, data, owners, addressee, parents)
    RETURNING made.sequence, made.revision;
END $$;

-- What waits, by shard: a node looks at its own.
DROP INDEX delivery_waiting;
CREATE INDEX delivery_waiting ON delivery ((sequence & 63), subscription, due_ms, sequence) WHERE status = 0;
CREATE INDEX event_aside_waiting ON event_aside ((sequence & 63), tenant, sequence) WHERE state = 'waiting';
DROP INDEX event_aside_by_state;

-- Each node that writes has rows of its own, so that none waits for another's: what is open of a tenant is the sum of them.
ALTER TABLE open_count ADD COLUMN node text COLLATE "C" NOT NULL DEFAULT coalesce(current_setting('signalbox.node', true), '');
ALTER TABLE open_count DROP CONSTRAINT open_count_pkey, ADD PRIMARY KEY (tenant, node);

-- Those of nodes that are over, into one row of each tenant.
CREATE FUNCTION gather_open_counts(working text[]) RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(51264, 2);
  WITH over AS (DELETE FROM open_count WHERE node <> '' AND node <> ALL (working) RETURNING *)
  INSERT INTO open_count AS now (tenant, node, waiting, dead, aside, poisoned, intents, unresolved)
    SELECT tenant, '', sum(waiting), sum(dead), sum(aside), sum(poisoned), sum(intents), sum(unresolved) FROM over GROUP BY tenant
    ON CONFLICT (tenant, node) DO UPDATE SET waiting = now.waiting + excluded.waiting, dead = now.dead + excluded.dead,
      aside = now.aside + excluded.aside, poisoned = now.poisoned + excluded.poisoned, intents = now.intents + excluded.intents,
      unresolved = now.unresolved + excluded.unresolved;
$$;

CREATE OR REPLACE FUNCTION open_count_aside() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  waits bigint := 0;
  kills bigint := 0;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    waits := waits - (OLD.state = 'waiting')::int;
    kills := kills - (OLD.state = 'poisoned')::int;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    waits := waits + (NEW.state = 'waiting')::int;
    kills := kills + (NEW.state = 'poisoned')::int;
  END IF;
  IF waits <> 0 OR kills <> 0 THEN
    INSERT INTO open_count AS now (tenant, aside, poisoned)
      VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.tenant ELSE NEW.tenant END, waits, kills)
      ON CONFLICT (tenant, node) DO UPDATE SET aside = now.aside + excluded.aside, poisoned = now.poisoned + excluded.poisoned;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION open_count_intent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  open bigint := 0;
  lost bigint := 0;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    open := open - (OLD.unresolved IS NULL)::int;
    lost := lost - (OLD.unresolved IS NOT NULL)::int;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    open := open + (NEW.unresolved IS NULL)::int;
    lost := lost + (NEW.unresolved IS NOT NULL)::int;
  END IF;
  IF open <> 0 OR lost <> 0 THEN
    INSERT INTO open_count AS now (tenant, intents, unresolved)
      VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.tenant ELSE NEW.tenant END, open, lost)
      ON CONFLICT (tenant, node) DO UPDATE SET intents = now.intents + excluded.intents, unresolved = now.unresolved + excluded.unresolved;
  END IF;
  RETURN NULL;
END $$;

-- News are numbered by this one, one number for each item, whatever becomes of its transaction: what is told of has the last of its own, times 1024.
CREATE SEQUENCE news_number;
SELECT setval('news_number', (SELECT coalesce(max(last), 0) FROM news) / 1024 + 1);

CREATE FUNCTION next_news(count bigint) RETURNS bigint LANGUAGE sql VOLATILE
  AS $$ SELECT max(nextval('news_number')) * 1024 FROM generate_series(1, count) $$;

-- The numbers that were given out, of events and of news; then the number that the next transaction gets, and the lowest of those of nodes that have
-- written something and are not over. In this order: what has drawn one of these numbers has a lower one than the next, and is over or among them.
-- age() counts from the same transaction each time.
CREATE FUNCTION look_at_writers(OUT events bigint, OUT news bigint, OUT next bigint, OUT oldest bigint) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  events := last_event_sequence();
  news := (SELECT last_value * 1024 FROM news_number);
  next := (age('3'::xid)::bigint + 3) & 4294967295;
  oldest := (SELECT (next - max(age(a.backend_xid))) & 4294967295 FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.application_name LIKE 'signalbox %' AND a.backend_xid IS NOT NULL AND age(a.backend_xid) > 0);
END $$;

-- How many mails a mailbox may get now, of all nodes: it grows with time, by the database's clock.
CREATE TABLE mail_bucket (
  mailbox text COLLATE "C" PRIMARY KEY,
  tokens double precision NOT NULL,
  at_ms bigint NOT NULL,
  -- Until when the tokens to come are promised to who already waits.
  promised_ms bigint NOT NULL DEFAULT 0
);
CREATE INDEX mail_bucket_age ON mail_bucket (at_ms);

-- 0: one more may be sent, and is counted; otherwise in how many milliseconds it may be asked again. Those that are full again go, two for each that may come.
CREATE FUNCTION take_mail(of_mailbox text, burst double precision, every_ms double precision, longest_ms double precision) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  bucket mail_bucket;
  now_ms bigint;
  wait_ms bigint := 0;
BEGIN
  LOOP
    SELECT * INTO bucket FROM mail_bucket WHERE mailbox = of_mailbox FOR UPDATE;
    EXIT WHEN FOUND;
    INSERT INTO mail_bucket (mailbox, tokens, at_ms) VALUES (of_mailbox, burst, extract(epoch FROM clock_timestamp()) * 1000) ON CONFLICT DO NOTHING;
  END LOOP;
  now_ms := extract(epoch FROM clock_timestamp()) * 1000;
  bucket.tokens := least(burst, bucket.tokens + greatest(0, now_ms - bucket.at_ms) / every_ms);
  IF bucket.tokens >= 1 THEN
    bucket.tokens := bucket.tokens - 1;
  ELSE
    bucket.promised_ms := least(now_ms + longest_ms, greatest(now_ms + (1 - bucket.tokens) * every_ms, bucket.promised_ms + every_ms));
    wait_ms := greatest(1, bucket.promised_ms - now_ms);
  END IF;
  UPDATE mail_bucket SET tokens = bucket.tokens, at_ms = now_ms, promised_ms = bucket.promised_ms WHERE mailbox = of_mailbox;
  DELETE FROM mail_bucket WHERE mailbox IN
    (SELECT mailbox FROM mail_bucket WHERE at_ms < now_ms - burst * every_ms ORDER BY at_ms LIMIT 2 FOR UPDATE SKIP LOCKED);
  RETURN wait_ms;
END $$;

-- Drawn by each change of who watches what comes of deliveries, before it is made: a settlement that knows of less is refused.
CREATE SEQUENCE watcher_number;
SELECT setval('watcher_number', 1);

CREATE FUNCTION watchers_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM nextval('watcher_number');
  RETURN NULL;
END $$;
CREATE TRIGGER watcher_added AFTER INSERT ON subscription FOR EACH ROW
  WHEN (right(NEW.scope, 4) = '-011' OR NEW.scope = 'alerts-000') EXECUTE FUNCTION watchers_changed();
CREATE TRIGGER watcher_changed AFTER UPDATE OF scope, owner, unconfirmed, deleted_ms, ended_ms ON subscription FOR EACH ROW
  WHEN (NEW.scope = 'alerts-000' OR OLD.scope = 'alerts-000' OR (right(NEW.scope, 4) = '-011' AND NEW.scope <> OLD.scope)) EXECUTE FUNCTION watchers_changed();
