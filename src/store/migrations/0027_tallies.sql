-- What a commit counts is kept as a tally, written in that commit. Every so many commits, and before figures and usage are read, the
-- tallies are folded into them and dropped.
CREATE TABLE tally (
  number INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  -- JSON: {accepted: [[tenant, scope, events]], counts, reasons}.
  counted TEXT NOT NULL
) STRICT;
