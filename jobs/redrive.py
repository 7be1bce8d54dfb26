"""Send dead letters round again that were nobody's fault, when both calendars are well."""

from __future__ import annotations

from jobs.running import Job, Ran, Work
from sync.inbox.dead_letters import redrive
from sync.inbox.waking import Ringer
from sync.store import breakers
from sync.store.connection import writing
from sync.wording.dead_letters import redriven


def _redrive(work: Work) -> Ran:
    with writing(work.engine) as conn:
        well = breakers.all_closed(conn)
        sent = redrive(conn, work.now)
    if sent:
        ringer = Ringer(work.engine)
        ringer.ring()
        ringer.close()
    return Ran(True, redriven(sent, well), {"sent": sent}, result={"sent": sent})


JOB = Job("redrive", every=60, call=_redrive)
