-- What was seen of an attempt on the wire, where that is kept, and for which revision of its subscription it was made: `sends_from_revision` is
-- that since which target, event and scope, of which a request is made, are as they are.
ALTER TABLE attempt ADD COLUMN made_for INTEGER;
ALTER TABLE attempt ADD COLUMN wire TEXT;
ALTER TABLE delivery ADD COLUMN made_for INTEGER;
ALTER TABLE subscription ADD COLUMN capture TEXT;
ALTER TABLE subscription ADD COLUMN sends_from_revision INTEGER NOT NULL DEFAULT 0;
UPDATE subscription SET sends_from_revision = revision;
