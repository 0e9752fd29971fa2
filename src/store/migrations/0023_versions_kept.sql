-- Whether a version has been the one that runs: one may be kept for later.
ALTER TABLE function_version ADD COLUMN ran INTEGER NOT NULL DEFAULT 1;
