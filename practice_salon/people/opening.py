"""When the salon is open next."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from practice_salon import PracticeError
from practice_salon.people.stage import Stage
from practice_salon.people.standing import Span

LOOK_AHEAD_DAYS = 21


def next_opening(stage: Stage, now: datetime, length: timedelta) -> list[Span]:
    """The next `length` of opening time from `now` on (UTC), in as many pieces as closing times make of it.

    Open is when anybody works. Raises PracticeError when nobody does for three weeks.
    """
    pieces: list[Span] = []
    left = length
    for start, end in _open_spans(stage, now):
        begin = max(start, now)
        if end <= begin:
            continue
        piece = begin, min(end, begin + left)
        pieces.append(piece)
        left -= piece[1] - piece[0]
        if not left:
            return pieces
    raise PracticeError("The salon does not open within three weeks; give somebody working hours.")


def _open_spans(stage: Stage, now: datetime) -> Iterator[Span]:
    """Day by day, from now on; overlapping shifts run into one. A shift past midnight belongs to its first day."""
    first = stage.local(now).date() - timedelta(days=1)
    for offset in range(LOOK_AHEAD_DAYS + 1):
        day = first + timedelta(days=offset)
        shifts = sorted(span for chair in stage.chairs for span in stage.hours(chair.bookly, day))
        yield from _merged(shifts)


def _merged(spans: list[Span]) -> Iterator[Span]:
    current: Span | None = None
    for span in spans:
        if current is None or span[0] > current[1]:
            if current is not None:
                yield current
            current = span
        else:
            current = current[0], max(current[1], span[1])
    if current is not None:
        yield current
