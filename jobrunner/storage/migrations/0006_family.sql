-- Which job a job was spawned by, and which ones it waits for (ids as a JSON array); NULL for none.
ALTER TABLE jobs ADD COLUMN parent_id TEXT;
ALTER TABLE jobs ADD COLUMN depends_on TEXT;
CREATE INDEX jobs_parent ON jobs (parent_id, id) WHERE parent_id IS NOT NULL;
-- Open children, by their parent.
CREATE INDEX jobs_open_children ON jobs (parent_id) WHERE parent_id IS NOT NULL AND status IN ('queued', 'processing');
-- Jobs that wait for others.
CREATE INDEX jobs_dependent ON jobs (id) WHERE status = 'queued' AND hold = 'dependency';

-- The same as rows, to find out who waits for a job.
CREATE TABLE dependencies (
    on_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    PRIMARY KEY (on_id, job_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependencies_job ON dependencies (job_id);
