-- When a queued job became ready, or is going to be: from then on it waits for a worker.
ALTER TABLE jobs ADD COLUMN ready_at INTEGER;
UPDATE jobs SET ready_at = max(created_at, coalesce(run_at, 0)) WHERE status = 'queued';

-- What happened when: how much of `name` in the `span` seconds from `at` on (milliseconds, UTC). Each change of a job is
-- counted in one row of a minute; rows of minutes become rows of longer spans as they grow old, so that nothing stands
-- in two rows. Names: submitted, completed, failed, cancelled; queued (how many more wait than before); wait:BIN and
-- run:BIN (durations, bins as in model/histogram); estimate:made and estimate:within.
CREATE TABLE tallies (
    span INTEGER NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    queue TEXT NOT NULL,
    name TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (span, at, type, queue, name)
) STRICT, WITHOUT ROWID;

-- The code of the last error. The index has failed jobs in the order in which they are grouped.
ALTER TABLE jobs ADD COLUMN code TEXT GENERATED ALWAYS AS (error ->> 0) VIRTUAL;
CREATE INDEX jobs_failures ON jobs (type, code, completed_at) WHERE status = 'failed';
