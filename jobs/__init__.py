"""What runs on a schedule: a job is a name, a schedule and one call."""
