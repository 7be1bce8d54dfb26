"""What is known when a hint is decided: the appointment and its partners as both sides show them now, and what stands
around where that matters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sync.converge.house import House
from sync.converge.look import MARGIN, on_board, people_of, read_live, with_neighbours
from sync.decide.case import Sight
from sync.decide.chairs import is_projection, owner_ref
from sync.decide.guards import limit_of
from sync.model import Appointment, Board, Pair, Ref, Side
from sync.store import keeping, ledger, mirror, pairs
from sync.store.board import board_of, load_board
from sync.store.connection import reading
from sync.store.keeping import Switches
from sync.store.lists import Lists, lists
from sync.store.shrinking import counted_since, lost_lately

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has of the visit that a hint names: its pair, what its current partners showed last and which of
    these are gone, and what is to be decided with."""

    pair: Pair | None
    current: frozenset[Ref]
    before: Mapping[Ref, Appointment]
    gone: frozenset[Ref]
    lists: Lists
    switches: Switches


@dataclass(frozen=True, slots=True)
class Seen:
    """A look: what to decide on, and what was read live, as it was read (None: the side no longer has it). `known` is
    what the store had of these. `around` is what else was read, in the same chairs. `began_at` is when the read
    began."""

    sight: Sight
    live: Mapping[Ref, Appointment | None]
    known: Known
    began_at: datetime
    around: Mapping[Ref, Appointment] = field(default_factory=dict)

    @property
    def pair(self) -> Pair | None:
        return self.known.pair

    @property
    def visit(self) -> Appointment | None:
        """The visit as the side that made it shows it, else as the other does, else as it was last known."""
        refs = [partner.ref for partner in self.pair.current(self.pair.owner)] if self.pair else []
        shown = {**self.known.before, **{ref: a for ref, a in self.live.items() if a is not None}}
        return next((shown[ref] for ref in (*refs, self.sight.ref, *self.live) if ref in shown), None)

    @property
    def news(self) -> tuple[Ref, ...]:
        """What was read and is another than the store has it, but for what is withheld."""
        return tuple(ref for ref, live in sorted(self.live.items()) if self._is_news(ref, live))

    def _is_news(self, ref: Ref, live: Appointment | None) -> bool:
        there = ref in self.known.before and ref not in self.known.gone
        return ref not in self.sight.withheld and (self.known.before[ref] if there else None) != live


def see(house: House, ref: Ref, around: Collection[Side] = ()) -> Seen:
    """Look at the appointment that a hint names, and at what stands around it on these sides. Raises ReadFailed."""
    began = house.now()
    known = known_of(house, ref)
    live = read_live(house, known.current) if ref in known.current else {}
    shown = {one: a for one, a in live.items() if a is not None}
    board = board_of(known.lists, began, shown, (known.pair,) if known.pair else ())
    sight = _sight(house, ref, board, known, live)
    if not around or not shown:
        return Seen(sight, live, known, began)
    near = _near(house, board)
    found = _with_neighbours(house, near, frozenset(live), around)
    met = {one: a for one, a in found.appointments.items() if near.appointments.get(one) is not a}
    return Seen(replace(sight, board=found), live, known, began, met)


def known_of(house: House, ref: Ref) -> Known:
    """What the store has of the visit, without a look."""
    with reading(house.engine) as conn:
        return _known(conn, house, ref)


def _known(conn: Connection, house: House, ref: Ref) -> Known:
    pair = next(iter(pairs.pairs_of(conn, [ref])), None)
    current = frozenset(partner.ref for partner in pair.partners if partner.current) if pair else frozenset({ref})
    before, gone = mirror.ever_shown(conn, current)
    return Known(pair, current, before, gone, lists(conn), keeping.switches(conn, house.writes))


def _sight(house: House, ref: Ref, board: Board, known: Known, live: Mapping[Ref, Appointment | None]) -> Sight:
    taken_back = known.pair is not None and _taken_back(house, known.pair)
    sight = Sight(board=board, ref=ref, crossing_since=known.switches.on_since, taken_back=taken_back)
    lost = {one for one, now in live.items() if _is_lost(known.before.get(one), now, board.now)}
    is_blocked = known.pair is not None and known.pair.owner is Side.SQUARE
    if not lost and not is_blocked:
        return sight
    meant = _meant(house, live, known.before)
    with reading(house.engine) as conn:
        return replace(
            sight,
            meant=meant,
            withheld=frozenset(one for side in {r.side for r in lost} for one in _too_many(conn, house, side, lost)),
            put_back=_put_back(conn, known.pair, board.now) if known.pair and is_blocked else 0,
        )


def _taken_back(house: House, pair: Pair) -> bool:
    """Whether nothing shows the visit any more because we took it all away again ourselves."""
    there = [partner for partner in pair.partners if partner.ref.side is pair.owner.other]
    if not there or any(partner.current for partner in there):
        return False
    with reading(house.engine) as conn:
        return all(ledger.count(conn, ledger.WITHDRAWN_AFTER_WRITE, 0.0, ref=partner.ref) for partner in there)


def _put_back(conn: Connection, pair: Pair, now: datetime) -> int:
    return ledger.count(conn, ledger.PUT_BACK, now - HOUR, visit=pair.visit)


def _near(house: House, board: Board) -> Board:
    """The board with what the mirror has around the visit."""
    there = [a for a in board.appointments.values() if a.parts]
    start, end = min((a.start for a in there), default=board.now), max((a.end for a in there), default=board.now)
    with reading(house.engine) as conn:
        near = load_board(conn, board.now, start - MARGIN, end + MARGIN, board.appointments)
    return replace(near, appointments={**near.appointments, **board.appointments})


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


def _meant(house: House, live: Mapping[Ref, Appointment | None], before: Mapping[Ref, Appointment]) -> frozenset[Ref]:
    """What is gone because somebody meant it: given up before it was paid, or deleted by hand."""
    gone = [ref for ref, a in live.items() if a is None]
    found = (house.readers[side].meant_to_be_gone([r for r in gone if r.side is side], before) for side in Side)
    return frozenset().union(*found) if gone else frozenset()


def _too_many(conn: Connection, house: House, side: Side, lost: Iterable[Ref]) -> frozenset[Ref]:
    mine = frozenset(ref for ref in lost if ref.side is side)
    now = house.now()
    moves = ledger.count(conn, ledger.MOVED, counted_since(conn, side, now), side=side)
    lately = len(lost_lately(conn, side, now) - mine) + moves
    ahead = mirror.count_ahead(conn, side, now)
    return mine if lately + len(mine) > limit_of(ahead) else frozenset()


def _is_lost(before: Appointment | None, now: Appointment | None, at: datetime) -> bool:
    """Whether something that stood ahead is gone, or starts at another time."""
    if before is None or not before.stands or not before.parts or before.start <= at:
        return False
    return now is None or moved(before, now)


def moved(before: Appointment, now: Appointment) -> bool:
    """Another start. A cancelled one is neither gone nor moved: the side itself says what became of it."""
    return before.stands and now.stands and bool(before.parts and now.parts) and before.start != now.start
