-- The run of the server that began the operation: it alone knows what becomes of it as long as it runs. NULL: one of before.
ALTER TABLE intent ADD COLUMN node TEXT;
