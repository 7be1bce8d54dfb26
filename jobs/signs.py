"""What the screens see of the loop: that it is alive, and when each job runs by itself again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import schedule
from sqlalchemy import Engine

from sync.converge.house import process_name, utc_now
from sync.store import keeping, runs
from sync.store.connection import writing

BEAT_EVERY = timedelta(seconds=10)
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class Signs:
    """Signs of life of one loop, written down only when there is something new to say."""

    engine: Engine
    told: dict[str, datetime] = field(default_factory=dict)
    beaten_at: datetime = NEVER

    def alive(self) -> None:
        """Say that the loop is alive, every few seconds."""
        now = utc_now()
        if now - self.beaten_at >= BEAT_EVERY:
            with writing(self.engine) as conn:
                keeping.beat(conn, f"jobs {process_name()}", now)
            self.beaten_at = now

    def planned(self, clock: schedule.Scheduler) -> None:
        """Say when each job (known by its tag) runs next."""
        due = {str(name): job.next_run.astimezone(UTC) for job in clock.jobs for name in job.tags if job.next_run}
        if due != self.told:
            with writing(self.engine) as conn:
                runs.plan_next(conn, due, utc_now())
            self.told = due
