-- How much of each tenant is open: deliveries that wait and dead ones, events that are set aside, operations of a host that are not concluded.
-- Changed in the commit that changes those, since counting them takes longer the more there are.
CREATE TABLE open_count (
  tenant TEXT PRIMARY KEY,
  -- Deliveries, counted by the statements that write them: a trigger would cost every delivery a third of its row, and most are neither.
  waiting INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0,
  -- Events.
  aside INTEGER NOT NULL DEFAULT 0,
  poisoned INTEGER NOT NULL DEFAULT 0,
  -- Operations.
  intents INTEGER NOT NULL DEFAULT 0,
  unresolved INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

INSERT INTO open_count (tenant, waiting, dead)
  SELECT tenant, sum(status = 0), sum(status = 2) FROM delivery WHERE status <> 1 GROUP BY tenant;

INSERT INTO open_count (tenant, aside, poisoned)
  SELECT tenant, sum(state = 'waiting'), sum(state = 'poisoned') FROM event_aside WHERE true GROUP BY tenant
  ON CONFLICT (tenant) DO UPDATE SET aside = excluded.aside, poisoned = excluded.poisoned;

INSERT INTO open_count (tenant, intents, unresolved)
  SELECT tenant, sum(unresolved IS NULL), sum(unresolved IS NOT NULL) FROM intent WHERE true GROUP BY tenant
  ON CONFLICT (tenant) DO UPDATE SET intents = excluded.intents, unresolved = excluded.unresolved;

CREATE TRIGGER open_count_aside_added AFTER INSERT ON event_aside BEGIN
  INSERT INTO open_count (tenant, aside, poisoned) VALUES (NEW.tenant, NEW.state = 'waiting', NEW.state = 'poisoned')
    ON CONFLICT (tenant) DO UPDATE SET aside = aside + excluded.aside, poisoned = poisoned + excluded.poisoned;
END;

CREATE TRIGGER open_count_aside_changed AFTER UPDATE OF state ON event_aside WHEN NEW.state <> OLD.state BEGIN
  UPDATE open_count SET aside = aside + (NEW.state = 'waiting') - (OLD.state = 'waiting'),
    poisoned = poisoned + (NEW.state = 'poisoned') - (OLD.state = 'poisoned') WHERE tenant = OLD.tenant;
END;

CREATE TRIGGER open_count_aside_removed AFTER DELETE ON event_aside BEGIN
  UPDATE open_count SET aside = aside - (OLD.state = 'waiting'), poisoned = poisoned - (OLD.state = 'poisoned')
    WHERE tenant = OLD.tenant;
END;

CREATE TRIGGER open_count_intent_added AFTER INSERT ON intent BEGIN
  INSERT INTO open_count (tenant, intents, unresolved) VALUES (NEW.tenant, NEW.unresolved IS NULL, NEW.unresolved IS NOT NULL)
    ON CONFLICT (tenant) DO UPDATE SET intents = intents + excluded.intents, unresolved = unresolved + excluded.unresolved;
END;

CREATE TRIGGER open_count_intent_changed AFTER UPDATE OF unresolved ON intent BEGIN
  UPDATE open_count SET intents = intents + (NEW.unresolved IS NULL) - (OLD.unresolved IS NULL),
    unresolved = unresolved + (NEW.unresolved IS NOT NULL) - (OLD.unresolved IS NOT NULL) WHERE tenant = OLD.tenant;
END;

CREATE TRIGGER open_count_intent_removed AFTER DELETE ON intent BEGIN
  UPDATE open_count SET intents = intents - (OLD.unresolved IS NULL), unresolved = unresolved - (OLD.unresolved IS NOT NULL)
    WHERE tenant = OLD.tenant;
END;
