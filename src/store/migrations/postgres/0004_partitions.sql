-- least 3
-- What each event adds lies in partitions by sequence, of which old ones go as a whole: see docs/decisions/0041-partitions.md.

-- All of it for this transaction. Commits and lists take these tables in either order, and so would wait for this one as it waits for them: it gives way after a
-- moment, less than after which PostgreSQL looks for a deadlock, and tries again. Afterwards nothing can be in its way but vacuum, which gives way after a second.
CREATE FUNCTION lock_log(tries bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR tried IN 1 .. tries LOOP
    BEGIN
      PERFORM set_config('lock_timeout', '200', true);
      LOCK TABLE ONLY delivery, ONLY attempt, ONLY event IN ACCESS EXCLUSIVE MODE;
      PERFORM set_config('lock_timeout', '1500', true);
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      IF tried = tries THEN RAISE; END IF;
      PERFORM pg_sleep(random() / 10);
    END;
  END LOOP;
END $$;

SELECT lock_log(100);

-- Of event, delivery and attempt alike: event_p1 and so on. From `begins` to before `ends`; the first has all below it, the last all above.
CREATE TABLE partition (
  number bigint PRIMARY KEY,
  begins bigint NOT NULL,
  ends bigint NOT NULL,
  -- What had to stay of those that are gone.
  rest boolean NOT NULL DEFAULT false
);

ALTER TABLE event RENAME TO event_p1;
ALTER TABLE event_p1 RENAME CONSTRAINT event_pkey TO event_p1_pkey;
CREATE TABLE event (LIKE event_p1, PRIMARY KEY (sequence)) PARTITION BY RANGE (sequence);

ALTER TABLE attempt RENAME TO attempt_p1;
ALTER TABLE attempt_p1 RENAME CONSTRAINT attempt_pkey TO attempt_p1_pkey;
CREATE TABLE attempt (LIKE attempt_p1, PRIMARY KEY (sequence, subscription, number)) PARTITION BY RANGE (sequence);

ALTER TABLE delivery RENAME TO delivery_p1;
ALTER TABLE delivery_p1 RENAME CONSTRAINT delivery_pkey TO delivery_p1_pkey;
ALTER INDEX delivery_by_subscription RENAME TO delivery_p1_by_subscription;
ALTER INDEX delivery_line RENAME TO delivery_p1_line;
ALTER INDEX delivery_open RENAME TO delivery_p1_open;
ALTER INDEX delivery_open_of RENAME TO delivery_p1_open_of;
ALTER INDEX delivery_waiting RENAME TO delivery_p1_waiting;
CREATE TABLE delivery (LIKE delivery_p1, PRIMARY KEY (sequence, subscription)) PARTITION BY RANGE (sequence);
CREATE INDEX delivery_by_subscription ON delivery (subscription, sequence);
CREATE INDEX delivery_line ON delivery (subscription, line, due_ms, sequence) WHERE status = 0 AND line IS NOT NULL;
CREATE INDEX delivery_open ON delivery (tenant, status, sequence, subscription) WHERE status <> 1;
CREATE INDEX delivery_open_of ON delivery (subscription, status, sequence) WHERE status <> 1;
CREATE INDEX delivery_waiting ON delivery ((sequence & 63), subscription, due_ms, sequence) WHERE status = 0;

-- Three tables that are no partitions yet.
CREATE FUNCTION make_partition(number bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE event_p%s (LIKE event INCLUDING INDEXES) WITH (autovacuum_vacuum_insert_scale_factor = 0.02)', number);
  EXECUTE format('CREATE TABLE delivery_p%s (LIKE delivery INCLUDING INDEXES)
    WITH (fillfactor = 90, autovacuum_vacuum_insert_scale_factor = 0.02)', number);
  EXECUTE format('CREATE TABLE attempt_p%s (LIKE attempt INCLUDING INDEXES)', number);
END $$;

-- With the bounds of its row. Each of their rows is looked at.
CREATE FUNCTION attach_partition(of_number bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  bounds record;
  name text;
BEGIN
  SELECT CASE WHEN begins = 0 THEN 'MINVALUE' ELSE begins::text END AS lower,
    CASE WHEN ends = 9007199254740991 THEN 'MAXVALUE' ELSE ends::text END AS upper
    INTO STRICT bounds FROM partition WHERE number = of_number;
  FOREACH name IN ARRAY ARRAY['delivery', 'attempt', 'event'] LOOP
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', name, name || '_p' || of_number, bounds.lower, bounds.upper);
  END LOOP;
END $$;

CREATE FUNCTION detach_partition(number bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['delivery', 'attempt', 'event'] LOOP
    EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', name, name || '_p' || number);
  END LOOP;
END $$;

-- Ends the last partition where the log ends now, and the one behind it in a day. Every row of it is looked at, while nothing else is done with the log.
CREATE FUNCTION close_partition() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  here bigint;
  closed partition;
BEGIN
  PERFORM lock_log(100);
  SELECT * INTO STRICT closed FROM partition ORDER BY begins DESC LIMIT 1;
  here := last_event_sequence() + 1;
  IF here <= closed.begins THEN RETURN; END IF;
  PERFORM detach_partition(closed.number);
  UPDATE partition SET ends = here WHERE number = closed.number;
  INSERT INTO partition (number, begins, ends)
    SELECT max(number) + 1, here, here + 86400000::bigint * 1024 FROM partition
    UNION ALL SELECT max(number) + 2, here + 86400000::bigint * 1024, closed.ends FROM partition;
  PERFORM attach_partition(closed.number);
  PERFORM make_partition(number), attach_partition(number) FROM partition WHERE begins >= here;
END $$;

-- The first has all there is, and all to come: so no row is looked at. Where there is much, it ends here.
INSERT INTO partition (number, begins, ends) VALUES (1, 0, 9007199254740991);
SELECT attach_partition(1);
SELECT close_partition() WHERE pg_relation_size('event_p1') > 1073741824;
