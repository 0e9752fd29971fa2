-- The request that an attempt was made in with others: its `webhook-id` and how many there were.
ALTER TABLE attempt ADD COLUMN batch TEXT;
ALTER TABLE delivery ADD COLUMN batch TEXT;
