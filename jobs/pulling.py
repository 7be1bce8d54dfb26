"""One call for both pull jobs."""

from __future__ import annotations

from jobs.running import Ran, Work
from sync.converge.opening import open_readers
from sync.model import Side
from sync.rounds.pull import pull, window_for


def pull_side(work: Work, side: Side) -> Ran:
    """Pull one side with the settings of this process. Raises WrongSettings when the side cannot be tried at all."""
    settings = work.settings
    reader = open_readers(settings)[side]
    window = window_for(side, work.now, settings.pull_days_back, settings.pull_days_ahead)
    pulled = pull(work.engine, reader, window, work.now, work.progress)
    return Ran(pulled.whole, pulled.sentence, pulled.counts, pulled.setting, result=dict(pulled.counts))
