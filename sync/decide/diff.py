"""Both calendars compared as columns: who is missing on the other side, whose sides differ, who meets in one chair.

The same code serves a salon's few thousand rows and a chain's million a side: `findings.find` turns its view into
these columns, and only what comes out of here becomes a finding one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sync.decide.overlaps import Columns, IntArray, cores_and_paddings

BoolArray = npt.NDArray[np.bool_]

UNLINKED = -1

STANDS = 1
PROJECTION = 2  # shows a visit that its owner side shows as well
SETTLED = 4  # takes part in no clash: marked as ours, or the other half of what is surely one visit
SERVICE_SHIFT, CLIENT_SHIFT = 8, 32
_SERVICE = ((1 << 24) - 1) << SERVICE_SHIFT
_CLIENT = ((1 << 31) - 1) << CLIENT_SHIFT

CHUNK = 1 << 14
"""Pairs compared at a time."""

TIME, STAFF, STANDING, SERVICE, CLIENT = 1, 2, 4, 8, 16
"""What differs between two partners, as bits."""


@dataclass(frozen=True, slots=True)
class Rows(Columns):
    """One row a part of an appointment on one side: eight numpy int64 arrays.

    visit: a number that both ends of a linked part share, from 0 up, once a side; UNLINKED for the others.
    state: STANDS, PROJECTION and SETTLED as bits, then a code for the service and one for the client that are equal
    where the two sides mean the same (0 where that is not known).
    """

    visit: IntArray
    state: IntArray

    def where(self, chosen: IntArray) -> Rows:
        """The rows of those numbers."""
        return Rows(
            *(
                getattr(self, name)[chosen]
                for name in ("staff", "unit", "start", "end", "busy_start", "busy_end", "visit", "state")
            )
        )


def state_of(
    *, stands: bool, projection: bool = False, settled: bool = False, service: int = 0, client: int = 0
) -> int:
    """One value of the column `state`; service and client are codes from 1 up, 0 for not known."""
    flags = STANDS * stands | PROJECTION * projection | SETTLED * settled
    return flags | service << SERVICE_SHIFT | client << CLIENT_SHIFT


@dataclass(frozen=True, slots=True)
class Differences:
    """What a comparison found, as row numbers.

    missing_in_square: Bookly's rows. missing_in_bookly: Square's rows. partners: an (m, 2) array of a Bookly row and
    the Square row of the same visit that differ; by: for each of them what differs, as bits. unmet: two arrays, the
    linked rows of each side whose other end is not there.
    """

    missing_in_square: IntArray
    missing_in_bookly: IntArray
    partners: IntArray
    by: IntArray
    unmet_in_square: IntArray
    unmet_in_bookly: IntArray


def differences(bookly: Rows, square: Rows, now: int) -> Differences:
    """Compare the two sides; `now` in seconds since 1970. Visits whose end has passed are neither missing nor unmet.

    A block in Bookly is compared with the busy time of what it shows, everything else core with core.
    """
    here, there = _partners(bookly.visit, square.visit)
    by = _what_differs(bookly, here, square, there)
    differ = np.flatnonzero(by)
    return Differences(
        missing_in_square=_ahead(bookly, now, bookly.visit == UNLINKED),
        missing_in_bookly=_ahead(square, now, square.visit == UNLINKED),
        partners=np.stack((here[differ], there[differ]), axis=1),
        by=by[differ],
        unmet_in_square=_ahead(bookly, now, _without(bookly.visit, here), projections=True),
        unmet_in_bookly=_ahead(square, now, _without(square.visit, there), projections=True),
    )


def clashes(bookly: Rows, square: Rows) -> tuple[IntArray, IntArray]:
    """(double bookings, padding clashes) over both sides together, as pairs of row numbers; Square's rows are counted
    on from Bookly's. A visit shown on both sides is judged by its owner's end alone."""
    kept = (_holding(bookly), _holding(square))
    rows = [side.where(chosen) for side, chosen in zip((bookly, square), kept, strict=True)]
    numbers = np.concatenate((kept[0], kept[1] + len(bookly)))
    both = Columns(
        *(
            np.concatenate([getattr(side, name) for side in rows])
            for name in ("staff", "unit", "start", "end", "busy_start", "busy_end")
        )
    )
    double, padding = cores_and_paddings(both)
    return numbers[double], numbers[padding]


def _holding(rows: Rows) -> IntArray:
    """Rows that take their chair in their own right."""
    return np.flatnonzero((rows.state & (STANDS | PROJECTION | SETTLED)) == STANDS)


def _ahead(rows: Rows, now: int, chosen: BoolArray, projections: bool = False) -> IntArray:
    wanted = STANDS if projections else STANDS | PROJECTION | SETTLED
    return np.flatnonzero(chosen & (rows.end > now) & ((rows.state & wanted) == STANDS))


def _without(visit: IntArray, met: IntArray) -> BoolArray:
    """Which linked rows have no other end."""
    lonely: BoolArray = visit != UNLINKED
    lonely[met] = False
    return lonely


def _partners(bookly: IntArray, square: IntArray) -> tuple[IntArray, IntArray]:
    """Row numbers of both ends of each visit that has both."""
    linked = np.flatnonzero(bookly != UNLINKED)
    most = max(int(bookly.max(initial=UNLINKED)), int(square.max(initial=UNLINKED)))
    if most >= 8 * (len(bookly) + len(square) + 1024):
        return _partners_by_search(bookly, square, linked)
    at = np.full(most + 2, -1)  # the last place stands for UNLINKED, which indexes from the end
    at[square] = np.arange(len(square))
    at[-1] = -1
    there = at[bookly[linked]]
    met = np.flatnonzero(there >= 0)
    return linked[met], there[met]


def _partners_by_search(bookly: IntArray, square: IntArray, linked: IntArray) -> tuple[IntArray, IntArray]:
    """The same where the visits' numbers are too far apart for a table."""
    order = np.argsort(square)
    keys = square[order]
    place = np.minimum(np.searchsorted(keys, bookly[linked]), max(len(keys) - 1, 0))
    met = np.flatnonzero(keys[place] == bookly[linked]) if len(keys) else np.empty(0, np.int64)
    return linked[met], order[place[met]]


def _what_differs(bookly: Rows, here: IntArray, square: Rows, there: IntArray) -> IntArray:
    """What differs between each two partners, as bits; looked at a chunk at a time, which stays in the cache."""
    by = np.zeros(len(here), np.int64)
    for low in range(0, len(here), CHUNK):
        chunk = slice(low, low + CHUNK)
        _differs_in(bookly, here[chunk], square, there[chunk], by[chunk])
    return by


def _differs_in(bookly: Rows, here: IntArray, square: Rows, there: IntArray, by: IntArray) -> None:
    mine, theirs = bookly.state[here], square.state[there]
    block = (mine & PROJECTION) != 0
    for column, busy in (("start", "busy_start"), ("end", "busy_end")):
        expected = np.where(block, getattr(square, busy)[there], getattr(square, column)[there])
        by[getattr(bookly, column)[here] != expected] |= TIME
    by[bookly.staff[here] != square.staff[there]] |= STAFF
    by[((mine ^ theirs) & STANDS) != 0] |= STANDING
    for mask, bit in ((_SERVICE, SERVICE), (_CLIENT, CLIENT)):
        known = ((mine & mask) != 0) & ((theirs & mask) != 0)
        by[known & (((mine ^ theirs) & mask) != 0)] |= bit


KINDS = ("double_booking", "padding_clash", "missing_in_square", "missing_in_bookly", "drift")
"""What `found` tells, by number."""

FOUND = np.dtype(
    [("kind", "i1"), ("differs", "i1"), ("staff", "i8"), ("one", "i8"), ("other", "i8"), ("start", "i8"), ("end", "i8")]
)
"""A finding as one record: kind and what differs as numbers, the staff code, the rows concerned (Square's counted on
from Bookly's; -1 for none), and from when to when in seconds since 1970."""


def found(bookly: Rows, square: Rows, now: int) -> npt.NDArray[np.void]:
    """Everything that a comparison of the two sides finds, as records of FOUND.

    A linked row whose other end is not there counts as drift of its standing.
    """
    differ = differences(bookly, square, now)
    double, padding = clashes(bookly, square)
    nobody = np.int64(-1)
    shift = len(bookly)
    return np.concatenate(
        [
            _clash_records(0, bookly, square, double, ("start", "end")),
            _clash_records(1, bookly, square, padding, ("busy_start", "busy_end")),
            _records(2, bookly, differ.missing_in_square, differ.missing_in_square, nobody),
            _records(3, square, differ.missing_in_bookly, differ.missing_in_bookly + shift, nobody),
            _records(4, bookly, differ.partners[:, 0], differ.partners[:, 0], differ.partners[:, 1] + shift, differ.by),
            _records(4, bookly, differ.unmet_in_square, differ.unmet_in_square, nobody, STANDING),
            _records(4, square, differ.unmet_in_bookly, differ.unmet_in_bookly + shift, nobody, STANDING),
        ]
    )


def _records(
    kind: int, rows: Rows, chosen: IntArray, one: IntArray, other: IntArray | np.int64, differs: IntArray | int = 0
) -> npt.NDArray[np.void]:
    made = np.empty(len(chosen), FOUND)
    made["kind"], made["differs"], made["one"], made["other"] = kind, differs, one, other
    for name in ("staff", "start", "end"):
        made[name] = getattr(rows, name)[chosen]
    return made


def _clash_records(
    kind: int, bookly: Rows, square: Rows, pairs: IntArray, times: tuple[str, str]
) -> npt.NDArray[np.void]:
    made = np.empty(len(pairs), FOUND)
    one, other = pairs[:, 0], pairs[:, 1]
    made["kind"], made["differs"], made["one"], made["other"] = kind, 0, one, other
    made["staff"] = _of_either(bookly.staff, square.staff, one)
    for name, column, later in (("start", times[0], np.maximum), ("end", times[1], np.minimum)):
        here, there = getattr(bookly, column), getattr(square, column)
        made[name] = later(_of_either(here, there, one), _of_either(here, there, other))
    return made


def _of_either(bookly: IntArray, square: IntArray, rows: IntArray) -> IntArray:
    """The values of rows that are counted on from Bookly's to Square's."""
    values = np.empty(len(rows), np.int64)
    here = rows < len(bookly)
    values[here] = bookly[rows[here]]
    values[~here] = square[rows[~here] - len(bookly)]
    return values
