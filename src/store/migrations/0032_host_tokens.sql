-- Tokens of a platform's own services, which work on the host interface and nowhere else.
-- Whether it acts in every tenant; NULL on tokens of other roles.
ALTER TABLE token ADD COLUMN all_tenants INTEGER;
-- JSON lists of what it is restricted to; NULL where it is not.
ALTER TABLE token ADD COLUMN event_types TEXT;
ALTER TABLE token ADD COLUMN kinds TEXT;
