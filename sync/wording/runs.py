"""The jobs and their runs, in words."""

from __future__ import annotations

from datetime import datetime

from sync.wording.names import counted
from sync.wording.scene import Scene
from sync.wording.times import RIGHT_NOW, ago, in_how_long, when

JOBS = {
    "pull-bookly": ("Read Bookly", "Reads every appointment of the website's calendar."),
    "pull-square": ("Read Square", "Reads the staff's calendar, three months back and a year ahead."),
    "poll-bookly": ("Watch Bookly", "Looks every few seconds for what is new in the website's calendar."),
    "poll-square": (
        "Watch Square",
        "Looks every half minute for what is new in the staff's calendar of the next days.",
    ),
    "reconcile": ("Compare both calendars", "Looks for clashes and for visits that only one calendar knows."),
    "redrive": ("Send again", "Carries what could not be carried while a calendar did not answer."),
    "catch-up": ("Catch up with Square", "Asks Square what happened while Slotkeeper did not run."),
    "audit-webhooks": ("Count missed messages", "Counts the changes that Square did not tell us of, and fetches them."),
    "tidy": ("Tidy up", "Forgets once a day what nobody asks about any more."),
}
"""Each job's name on the screen, and what it does."""


_ASKED = {
    "": "",
    "the schedule": "",
    "the command line": ", started on a terminal",
    "the first start": ", at the first start",
    "the breaker": ", because a calendar answers again",
}


def title(job: str) -> str:
    """What the job is called on the screen."""
    return JOBS[job][0] if job in JOBS else job.replace("-", " ").capitalize()


def what_for(job: str) -> str:
    """What the job does, in a sentence; empty for a job without one."""
    return JOBS[job][1] if job in JOBS else ""


def run_words(state: str, at: datetime, who: str, sentence: str, scene: Scene) -> str:
    """One run in a sentence. `at` is when it ended, else began, else was asked for (UTC); `who` asked for it."""
    asked = _ASKED.get(who, f", asked for by {who}")
    moment = f"{when(at, scene.now, scene.zone)} ({ago(at, scene.now)}){asked}"
    if state == "waiting":
        return f"Waits for its turn since {moment}."
    if state == "working":
        return f"Running since {moment}."
    if state == "whole":
        return f"Finished {moment}. {sentence}".strip()
    return f"Found out nothing {moment}. {sentence}".strip()


def looked_words(at: datetime, scene: Scene) -> str:
    """The last short look, when it had nothing to say."""
    return f"Looked {ago(at, scene.now)} and found nothing new."


def progress(done: int, total: int) -> str:
    """How far it is: "120 of 400"; "120 so far" while the end is not known."""
    return f"{done} of {total}" if total else f"{done} so far"


def next_run(at: datetime | None, scene: Scene) -> str:
    """When it runs by itself again."""
    if at is None:
        return "It runs by itself while Slotkeeper is started."
    soon = in_how_long(at, scene.now)
    if soon == RIGHT_NOW:
        return "Next in a moment."
    return f"Next {when(at, scene.now, scene.zone)}{f', {soon}' if soon else ''}."


def never_ran() -> str:
    """A job without a single run."""
    return "Has not run yet."


def bulk_words(done: int, refused: int, waiting: int) -> str:
    """How far a whole batch is: "30 of 40 done, 2 not possible"."""
    total = done + refused + waiting
    words = f"{done} of {counted(total, 'visit')} done"
    return f"{words}, {refused} could not be done" if refused else words
