-- A tenant's invocations are listed, the newest first, by what they were run for.
CREATE INDEX invocation_by_tenant ON invocation (tenant, status, trigger, number);
CREATE INDEX invocation_by_event_type ON invocation (tenant, event_type, status, trigger, number);
CREATE INDEX invocation_by_function_and_event_type ON invocation (function, event_type, status, trigger, number);
