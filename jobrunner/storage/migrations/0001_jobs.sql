-- The hot row of a job. `number` is that of its last committed change; times are milliseconds since the epoch, UTC.
CREATE TABLE jobs (
    id TEXT NOT NULL UNIQUE,
    number INTEGER NOT NULL,
    type TEXT NOT NULL,
    title TEXT NOT NULL,
    queue TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    user_id TEXT,
    priority INTEGER NOT NULL,
    tags TEXT,
    metadata TEXT,
    run_at INTEGER,
    deadline INTEGER,
    max_attempts INTEGER NOT NULL,
    timeout_ms INTEGER,
    retried_from TEXT,
    traceparent TEXT,
    lane TEXT NOT NULL,
    rank INTEGER NOT NULL,
    hold TEXT,
    wake_at INTEGER,
    status TEXT NOT NULL,
    started_at INTEGER,
    completed_at INTEGER,
    cancel_requested_at INTEGER,
    attempt INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    retry_count INTEGER NOT NULL,
    manual_retries INTEGER NOT NULL,
    crashes INTEGER NOT NULL,
    alone INTEGER NOT NULL,
    progress TEXT,
    stages TEXT,
    parts TEXT,
    uploads TEXT,
    artifacts TEXT,
    error TEXT
) STRICT;

-- Everything that changed after a number, in the order of the numbers.
CREATE UNIQUE INDEX jobs_number ON jobs (number);
CREATE INDEX jobs_user_number ON jobs (user_id, number) WHERE user_id IS NOT NULL;
-- Heads of a queue: by lane, then by rank.
CREATE INDEX jobs_ready ON jobs (queue, lane, rank, id) WHERE status = 'queued' AND hold IS NULL;
-- What the clock has to wake or to expire.
CREATE INDEX jobs_wake ON jobs (wake_at) WHERE status = 'queued' AND wake_at IS NOT NULL;
-- What a dead process left behind.
CREATE INDEX jobs_processing ON jobs (id) WHERE status = 'processing';
-- What retention may delete.
CREATE INDEX jobs_ended ON jobs (status, completed_at) WHERE completed_at IS NOT NULL;
-- Lists, newest first: ids rise with the time they were made.
CREATE INDEX jobs_user ON jobs (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX jobs_failed ON jobs (id) WHERE status = 'failed';
CREATE INDEX jobs_cancelled ON jobs (id) WHERE status = 'cancelled';
CREATE INDEX jobs_queued ON jobs (id) WHERE status = 'queued';

CREATE TABLE tags (
    tag TEXT NOT NULL,
    job_id TEXT NOT NULL,
    PRIMARY KEY (tag, job_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_job ON tags (job_id);

-- Cold data: read when somebody asks for it.
CREATE TABLE payloads (job_id TEXT PRIMARY KEY, payload TEXT NOT NULL) STRICT;
CREATE TABLE results (job_id TEXT PRIMARY KEY, result TEXT NOT NULL) STRICT;
CREATE TABLE attempts (
    job_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    error TEXT,
    result TEXT,
    traceback TEXT,
    PRIMARY KEY (job_id, attempt)
) STRICT, WITHOUT ROWID;
CREATE TABLE logs (
    job_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    stream TEXT NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (job_id, n)
) STRICT, WITHOUT ROWID;

-- How many jobs there are. `who` is 'u:' and the user, 'u' for jobs of nobody, '*' for all of them together.
CREATE TABLE counts (
    who TEXT NOT NULL,
    queue TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (who, queue, type, status)
) STRICT, WITHOUT ROWID;

-- Answers that were given to an Idempotency-Key.
CREATE TABLE idempotency (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    answer TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expires ON idempotency (expires_at);

-- One row each: epoch (the database's own id), head (the last number given), deleted (the highest number of a deleted
-- job); and what the last probe of a disk that was full wrote (probe).
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO facts VALUES ('head', '0'), ('deleted', '0');
