-- Events of one commit in one shard, in their order, column by column. Gives the sequence and the revision of each. A commit that began when another was
-- made has greater sequences, and none is behind the caller's clock by more than a second. One moves the numbers on at a time, and only where they are
-- so far behind that no other comes past meanwhile. The arrays are read value by value, in their order: FROM unnest(…, …) would first copy each of them.
CREATE OR REPLACE FUNCTION append(now_ms bigint, shard bigint, ids text[], tenants text[], resources text[], scopes text[], names text[], actors text[],
  origins text[], times_ms bigint[], datas text[], owners text[], addressees text[], parents text[])
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
    FROM (SELECT unnest(append.ids), unnest(append.tenants) AS tenant, unnest(append.resources), unnest(append.scopes), unnest(append.names),
      unnest(append.actors), unnest(append.origins), unnest(append.times_ms), unnest(append.datas), unnest(append.owners),
      unnest(append.addressees), unnest(append.parents)) AS given
    RETURNING made.sequence, made.revision;
END $$;
