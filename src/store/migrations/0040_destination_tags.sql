-- JSON, by key; absent of a destination without tags.
ALTER TABLE destination ADD COLUMN tags TEXT;
