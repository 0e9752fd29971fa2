-- How fast a redrive goes, and how many dead deliveries it has looked at: with those that are left, how far it is.
ALTER TABLE redrive ADD COLUMN per_second INTEGER;
ALTER TABLE redrive ADD COLUMN looked INTEGER NOT NULL DEFAULT 0;
UPDATE redrive SET looked = redriven;
