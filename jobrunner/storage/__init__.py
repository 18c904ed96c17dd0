"""Where jobs are kept: the only SQL and the only files of jobrunner. It decides nothing about a job."""
