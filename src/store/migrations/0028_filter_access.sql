-- What an index looks up of a filter, so that a start reads no filters. NULL until it has been made: of a subscription without a filter, and of
-- one that an older version wrote.
ALTER TABLE subscription ADD COLUMN access TEXT;
