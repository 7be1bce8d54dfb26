"""What is known when a hint is decided: the appointment and its partners as both sides show them now, and what stands
around where that matters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sync.converge.house import House
from sync.converge.look import MARGIN, on_board, people_of, read_live, with_neighbours
from sync.decide.carrying import Sight
from sync.decide.chairs import is_projection, owner_ref
from sync.decide.guards import limit_of
from sync.model import Appointment, Board, Pair, Ref, Side
from sync.store import keeping, ledger, mirror, pairs
from sync.store.board import load_board
from sync.store.connection import reading
from sync.store.runs import real_since

YOUNG = timedelta(hours=1)
"""An unpaid online booking that vanishes while it is younger was given up by its client (ENGINE, "Ownership")."""

LATELY = timedelta(minutes=15)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """A look: what to decide on, and what was read live, as it was read (None: the side no longer has it). `before` is
    what the mirror had of these. `around` is what else was read, in the same chairs. `began_at` is when the read
    began."""

    sight: Sight
    live: Mapping[Ref, Appointment | None]
    before: Mapping[Ref, Appointment]
    began_at: datetime
    pair: Pair | None
    around: Mapping[Ref, Appointment] = field(default_factory=dict)

    @property
    def visit(self) -> Appointment | None:
        """The visit as the side that made it shows it, else as the other does, else as it was last known."""
        refs = [partner.ref for partner in self.pair.current(self.pair.owner)] if self.pair else []
        known = {**self.before, **{ref: a for ref, a in self.live.items() if a is not None}}
        return next((known[ref] for ref in (*refs, self.sight.ref, *self.live) if ref in known), None)


def see(house: House, ref: Ref, around: Collection[Side] = ()) -> Seen:
    """Look at the appointment that a hint names, and at what stands around it on these sides. Raises ReadFailed."""
    began = house.now()
    with reading(house.engine) as conn:
        pair = next(iter(pairs.pairs_of(conn, [ref])), None)
        current = {partner.ref for partner in pair.partners if partner.current} if pair else {ref}
        before = mirror.load(conn, current) | mirror.last_shown(conn, current)
    live = read_live(house, current) if ref in current else {}
    with reading(house.engine) as conn:
        board = _board(conn, house, ref, [a for a in (*live.values(), *before.values()) if a is not None and a.parts])
        sight = Sight(
            board=on_board(board, live),
            ref=ref,
            meant=_meant(live, before, began),
            withheld=_withheld(conn, house, live, before),
            crossing_since=keeping.writes_since(conn, house.writes),
            put_back=ledger.count(conn, ledger.PUT_BACK, began - HOUR, visit=pair.visit) if pair else 0,
        )
    if not around:
        return Seen(sight, live, before, began, pair)
    found = _with_neighbours(house, sight.board, frozenset(live), around)
    met = {ref: a for ref, a in found.appointments.items() if sight.board.appointments.get(ref) is not a}
    return Seen(replace(sight, board=found), live, before, began, pair, met)


def _board(conn: Connection, house: House, ref: Ref, known: list[Appointment]) -> Board:
    start = min((a.start for a in known), default=house.now())
    end = max((a.end for a in known), default=house.now())
    return load_board(conn, house.now(), start - MARGIN, end + MARGIN, [ref])


def _with_neighbours(house: House, board: Board, own: frozenset[Ref], around: Collection[Side]) -> Board:
    """The board with what stands around read live; and of each projection among it, the visit that it shows."""
    there = [a for ref in own if (a := board.appointments.get(ref)) and a.parts]
    if not there:
        return board
    start, end = min(a.start for a in there) - MARGIN, max(a.end for a in there) + MARGIN
    people = {one for one in people_of(board, own) if one[0] in around}
    found = with_neighbours(house, board, own, people, start, end)
    owners = {owner_ref(found, ref) for ref in found.appointments if ref not in own and is_projection(found, ref)}
    remembered = {
        ref for ref in owners - own if found.appointments.get(ref) is not None and not _is_live(found, board, ref)
    }
    return on_board(found, read_live(house, remembered)) if remembered else found


def _is_live(found: Board, remembered: Board, ref: Ref) -> bool:
    """Whether the look around has read it, so that it need not be read once more."""
    return found.appointments.get(ref) is not remembered.appointments.get(ref)


def _meant(live: Mapping[Ref, Appointment | None], before: Mapping[Ref, Appointment], now: datetime) -> frozenset[Ref]:
    """What is gone from Bookly because somebody meant it."""
    gone = [ref for ref, a in live.items() if a is None and ref.side is Side.BOOKLY]
    return frozenset(ref for ref in gone if (last := before.get(ref)) and _given_up(last, now))


def _given_up(last: Appointment, now: datetime) -> bool:
    return last.unpaid and last.made_at is not None and now - last.made_at < YOUNG


def _withheld(
    conn: Connection, house: House, live: Mapping[Ref, Appointment | None], before: Mapping[Ref, Appointment]
) -> frozenset[Ref]:
    """Absences and moves of a side that is suddenly small (ENGINE, "Shrink guard"): what went or moved within a quarter
    of an hour is measured against what stands ahead there."""
    lost = {ref for ref, now in live.items() if _is_lost(before.get(ref), now, house.now())}
    return frozenset(ref for side in {ref.side for ref in lost} for ref in _too_many(conn, house, side, lost))


def _too_many(conn: Connection, house: House, side: Side, lost: Iterable[Ref]) -> frozenset[Ref]:
    mine = frozenset(ref for ref in lost if ref.side is side)
    since = max(house.now() - LATELY, real_since(conn, side))
    lately = len(mirror.gone_lately(conn, side, since) - mine) + ledger.count(conn, ledger.MOVED, since, side=side)
    ahead = mirror.count_ahead(conn, side, house.now())
    return mine if lately + len(mine) > limit_of(ahead) else frozenset()


def _is_lost(before: Appointment | None, now: Appointment | None, at: datetime) -> bool:
    """Whether something that stood ahead is gone, or starts at another time."""
    if before is None or not before.stands or not before.parts or before.start <= at:
        return False
    return now is None or moved(before, now)


def moved(before: Appointment, now: Appointment) -> bool:
    """Another start. A cancelled one is neither gone nor moved: the side itself says what became of it."""
    return before.stands and now.stands and bool(before.parts and now.parts) and before.start != now.start
