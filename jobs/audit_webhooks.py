"""Count the webhooks that never came, and fill the gaps."""

from __future__ import annotations

from jobs.running import Job, Ran, Work
from sync.converge.opening import open_readers
from sync.model import Side
from sync.rounds.auditing import audit


def _audit(work: Work) -> Ran:
    with open_readers(work.settings, work.engine) as readers:
        done = audit(work.engine, readers[Side.SQUARE], work.now)
    result = {**done.counts, "events_listed": done.events, "sentence": done.sentence}
    return Ran(done.whole, done.sentence, done.counts, result=result)


JOB = Job("audit-webhooks", every=3600, call=_audit)
