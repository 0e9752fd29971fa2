-- What a subscription was that could match nothing is kept too, so that "it was off then" can be told from "it did not match".
-- NULL: it matched. Otherwise disabled, unconfirmed or taken.
ALTER TABLE subscription_past ADD COLUMN off TEXT;
UPDATE subscription_past SET scope = (SELECT s.scope FROM subscription s WHERE s.number = subscription_past.number)
  WHERE scope IS NULL;
CREATE INDEX subscription_past_of ON subscription_past (number, to_revision);
CREATE INDEX subscription_past_by_scope ON subscription_past (tenant, scope, number);

-- Pauses that are over.
CREATE TABLE subscription_pause (
  subscription INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (subscription, since_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_pause_by_end ON subscription_pause (until_ms);
CREATE TRIGGER subscription_pause_ended AFTER UPDATE OF paused ON subscription
  WHEN OLD.paused IS NOT NULL AND NEW.paused IS NOT OLD.paused BEGIN
  INSERT OR REPLACE INTO subscription_pause (subscription, since_ms, until_ms, reason)
    VALUES (OLD.number, OLD.paused ->> 'sinceMs', NEW.updated_ms, OLD.paused ->> 'reason');
END;
