-- What was told by a subscription's face, or lay inside its JSON, is in columns: what its verbs say of it (who sees it, what its owner must
-- be, whether it goes when it is over, whether a function has one of them for an event), which function it runs, what of its target is
-- sealed, and its pause.
DROP TRIGGER subscription_pause_ended;
DROP INDEX subscription_by_event;
DROP INDEX subscription_by_function;
DROP INDEX subscription_to_function;
DROP INDEX subscription_over;
DROP INDEX subscription_watching;

ALTER TABLE subscription ADD COLUMN function INTEGER;
ALTER TABLE subscription ADD COLUMN sealed TEXT;
ALTER TABLE subscription ADD COLUMN paused_ms INTEGER;
ALTER TABLE subscription ADD COLUMN pause_reason TEXT;
ALTER TABLE subscription ADD COLUMN seen_by TEXT;
ALTER TABLE subscription ADD COLUMN needs TEXT;
ALTER TABLE subscription ADD COLUMN once_per_function INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subscription ADD COLUMN drop_when_over INTEGER NOT NULL DEFAULT 0;
UPDATE subscription SET
  function = target ->> 'function',
  sealed = target ->> 'sealed',
  target = json_remove(target, '$.sealed'),
  paused_ms = paused ->> 'sinceMs',
  pause_reason = paused ->> 'reason',
  seen_by = CASE WHEN face = 'objects' THEN 'managers' WHEN face = 'lifecycle' AND target ->> 'kind' = 'function' THEN 'developers' END,
  needs = CASE WHEN face = 'lifecycle' THEN 'developer' WHEN face = 'objects' THEN iif(scope = '*', 'admin', 'manager') END,
  once_per_function = face = 'lifecycle' AND target ->> 'kind' = 'function',
  drop_when_over = face = 'notifications';
ALTER TABLE subscription DROP COLUMN paused;

CREATE UNIQUE INDEX subscription_by_function ON subscription (function, event)
  WHERE once_per_function = 1 AND deleted_ms IS NULL AND ended_ms IS NULL;
CREATE INDEX subscription_by_event ON subscription (tenant, event)
  WHERE once_per_function = 1 AND deleted_ms IS NULL AND ended_ms IS NULL;
CREATE INDEX subscription_to_function ON subscription (function, number) WHERE deleted_ms IS NULL AND function IS NOT NULL;
CREATE INDEX subscription_over ON subscription (updated_ms)
  WHERE drop_when_over = 1 AND (outcome IS NOT NULL OR deleted_ms IS NOT NULL);
CREATE INDEX subscription_by_scope_kind ON subscription (substr(scope, -3), scope);
CREATE TRIGGER subscription_pause_ended AFTER UPDATE OF paused_ms, pause_reason ON subscription
  WHEN OLD.paused_ms IS NOT NULL AND (NEW.paused_ms IS NOT OLD.paused_ms OR NEW.pause_reason IS NOT OLD.pause_reason) BEGIN
  INSERT OR REPLACE INTO subscription_pause (subscription, since_ms, until_ms, reason)
    VALUES (OLD.number, OLD.paused_ms, NEW.updated_ms, OLD.pause_reason);
END;
