-- Queues that are paused: by whom, the name of a subject, and since when, in milliseconds since the epoch, UTC.
CREATE TABLE queues (
    name TEXT PRIMARY KEY,
    paused_at INTEGER NOT NULL,
    paused_by TEXT
) STRICT, WITHOUT ROWID;
