-- Jobs are listed, the newest first, and go with what they were about.
CREATE INDEX redrive_by_tenant ON redrive (tenant, uuid);
CREATE INDEX redrive_over ON redrive (created_ms) WHERE state <> 'running';
