"""What a job is. Pure: no await, no clock, no SQL; time enters as `now`, in milliseconds since the Unix epoch."""
