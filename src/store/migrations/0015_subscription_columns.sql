-- What was a rule about faces and retries is said by the verb that makes the subscription: whether its dead letters are kept for their time,
-- and whether it ends with its scope or is told of that end.
ALTER TABLE subscription ADD COLUMN keep_dead INTEGER NOT NULL DEFAULT 1;
ALTER TABLE subscription ADD COLUMN ends_with_scope INTEGER NOT NULL DEFAULT 1;
UPDATE subscription SET keep_dead = coalesce(retry ->> 'saveOnFailure', 1) = 1, ends_with_scope = face <> 'notifications';
