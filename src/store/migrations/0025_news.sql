-- What became of deliveries, invocations and redrives, in the order of commits: for those who follow. An item is numbered through all
-- tenants; `last` is the number of the last one of its row. The newest are kept.
CREATE TABLE news (
  last INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  count INTEGER NOT NULL,
  -- JSON: of a delivery [sequence, subscription, status, attempts], of an invocation [number], of a redrive ["uuid"].
  items TEXT NOT NULL
) STRICT;
