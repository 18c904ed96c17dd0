-- Where the service that runs the attempt can be asked how it goes: empty when it has accepted the job without saying
-- so. NULL: it is not known to have accepted.
ALTER TABLE jobs ADD COLUMN monitor TEXT;

-- The SHA-256 of the report by which an attempt was ended from outside, so that an exact repeat of it can be told.
ALTER TABLE attempts ADD COLUMN said TEXT;
