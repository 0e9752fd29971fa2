-- Who made a token to act for its principal for a while; NULL on tokens that principals have for themselves.
ALTER TABLE token ADD COLUMN made_by TEXT;
