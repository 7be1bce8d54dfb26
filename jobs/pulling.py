"""One call for both pull jobs."""

from __future__ import annotations

from dataclasses import replace

from jobs.running import Ran, Work
from sync.converge.opening import open_readers, write_problems
from sync.model import Side
from sync.rounds.pull import pull, window_for
from sync.settings import WrongSettings
from sync.store import runs
from sync.store.connection import writing


def pull_side(work: Work, side: Side) -> Ran:
    """Pull one side with the settings of this process. Raises WrongSettings when the side cannot be tried at all."""
    settings = work.settings
    try:
        with open_readers(settings, work.engine) as readers:
            window = window_for(side, work.now, settings.pull_days_back, settings.pull_days_ahead)
            pulled = pull(work.engine, readers[side], window, work.now, work.progress, hinting=True)
    except WrongSettings as error:
        with writing(work.engine) as conn:
            runs.read_failed(conn, side, str(error), error.setting, work.now)
        raise
    ran = Ran(
        pulled.whole, pulled.sentence, pulled.counts, pulled.setting, result=dict(pulled.counts), wrong=pulled.wrong
    )
    return _with_what_keeps_from_writing(work, side, ran) if ran.whole and settings.writes == "on" else ran


def _with_what_keeps_from_writing(work: Work, side: Side, ran: Ran) -> Ran:
    """Reading went well, but a click would be refused by that side: said here, not first to whoever clicks."""
    problems = write_problems(work.settings, side)
    if not problems:
        return ran
    said = " ".join(problem.sentence for problem in problems)
    return replace(ran, sentence=f"{ran.sentence} {said}", setting=problems[0].setting, wrong=True)
