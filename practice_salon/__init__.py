"""A salon to practise on: both calendars, people who book, faults on demand, and the truth about what was done.

Nothing here is imported by the engine, the screens or the jobs, and nothing here imports them.
"""


class PracticeError(Exception):
    """Something the caller can put right; the text is one plain sentence that says what to do."""


class NobodyInCommon(PracticeError):
    """Both calendars answer, and no member of staff is in both."""
