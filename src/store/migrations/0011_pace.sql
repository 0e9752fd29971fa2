-- How fast and in what order a subscription's events are sent, as JSON; NULL is as fast as can be.
ALTER TABLE subscription ADD COLUMN pace TEXT;

-- How long a waiting delivery was to wait when due_ms was set: no clock that was wrong makes it wait longer after a start.
ALTER TABLE delivery ADD COLUMN wait_ms INTEGER;
-- Since when its receiver has asked for patience.
ALTER TABLE delivery ADD COLUMN patient_ms INTEGER;
-- Of an ordered subscription: what it must keep its turn for. All but one of those that wait in one line are due never.
ALTER TABLE delivery ADD COLUMN line TEXT;
CREATE INDEX delivery_line ON delivery (subscription, line, due_ms, sequence) WHERE status = 0 AND line IS NOT NULL;
