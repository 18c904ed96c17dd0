-- Who submitted a job: the name of a subject, as `key:4k2m` or `user:anna`. NULL: a caller inside the process.
ALTER TABLE jobs ADD COLUMN submitted_by TEXT;
-- What a subject submitted for nobody in particular: its limits are counted from here after a restart.
CREATE INDEX jobs_submitter ON jobs (submitted_by, id) WHERE user_id IS NULL AND submitted_by IS NOT NULL;

-- What somebody did to a job after it was submitted.
CREATE TABLE history (
    job_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    by TEXT
) STRICT;
CREATE INDEX history_job ON history (job_id);

-- API keys. Only the SHA-256 of the secret part is kept; times are milliseconds since the epoch, UTC.
CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

-- Operators who are signed in by a browser; a session ends with the key that opened it.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    key_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    address TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
