"""What runs on a schedule: a job file is a name, a schedule and one call."""
