-- In what a resource lies, besides its scope: what happens to it is told to who watches that, too. JSON.
ALTER TABLE event ADD COLUMN parents TEXT;
-- Uuids that the host named.
ALTER TABLE registered ADD COLUMN parents TEXT;
