"""All jobs, by name."""

from __future__ import annotations

from jobs import pull_bookly, pull_square, reconcile, redrive, tidy
from jobs.running import Job

JOBS: dict[str, Job] = {
    job.name: job for job in (pull_bookly.JOB, pull_square.JOB, reconcile.JOB, redrive.JOB, tidy.JOB)
}
