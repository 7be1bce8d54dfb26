"""All jobs, by name."""

from __future__ import annotations

from jobs import audit_webhooks, catch_up, poll_bookly, poll_square, pull_bookly, pull_square, reconcile, redrive, tidy
from jobs.running import Job

JOBS: dict[str, Job] = {
    module.JOB.name: module.JOB
    for module in (
        pull_bookly,
        pull_square,
        poll_bookly,
        poll_square,
        reconcile,
        redrive,
        catch_up,
        audit_webhooks,
        tidy,
    )
}
