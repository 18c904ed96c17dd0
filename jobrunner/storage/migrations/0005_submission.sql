-- What a job was submitted with, so that its result can be given again. Only jobs of types with cache_ttl have one.
ALTER TABLE jobs ADD COLUMN cache_key TEXT;
CREATE INDEX jobs_cached ON jobs (cache_key, completed_at) WHERE cache_key IS NOT NULL AND status = 'completed';

-- Submissions that are saved under a name. `owner` is whose they are, empty for nobody in particular; `submission` is
-- JSON; times are milliseconds since the epoch, UTC.
CREATE TABLE templates (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    submission TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX templates_name ON templates (owner, name);
