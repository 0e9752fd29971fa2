-- Decisions of a tenant, newest first.
CREATE INDEX decision_by_tenant ON decision (tenant, time_ms, operation);
