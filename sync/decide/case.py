"""What is known when a hint is decided, and a linked visit as its two sides have it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sync.decide.differences import CARRIED, differences
from sync.model import Appointment, Board, Pair, Partner, Ref, Side, Standing


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known when a hint about `ref` is decided.

    board: its appointment, its partners and what stands around, as both sides show them; what a side no longer has is
    not on it. meant: what is gone from Bookly because somebody meant it. withheld: absences and moves that a calendar
    suddenly small keeps back. crossing_since: since when visits cross by themselves; None where nothing is written.
    put_back: how often a block of this visit was put back within the hour. taken_back: whatever showed it on the other
    side was taken away again by ourselves, because it met somebody in the chair.
    """

    board: Board
    ref: Ref
    meant: frozenset[Ref] = frozenset()
    withheld: frozenset[Ref] = frozenset()
    crossing_since: datetime | None = None
    put_back: int = 0
    taken_back: bool = False

    @property
    def now(self) -> datetime:
        return self.board.now


@dataclass(frozen=True, slots=True)
class Half:
    """One side's current partners: as they are now (None: gone), with what was agreed."""

    partners: tuple[tuple[Partner, Appointment | None], ...]

    @property
    def refs(self) -> tuple[Ref, ...]:
        return tuple(partner.ref for partner, _ in self.partners)

    @property
    def there(self) -> tuple[Appointment, ...]:
        return tuple(now for _, now in self.partners if now is not None)

    @property
    def gone(self) -> tuple[Ref, ...]:
        return tuple(partner.ref for partner, now in self.partners if now is None)

    @property
    def known(self) -> tuple[Appointment, ...]:
        """As they are now, else as they were when all was agreed."""
        return tuple(a for partner, now in self.partners if (a := now or partner.agreed) is not None)

    @property
    def changed(self) -> frozenset[str]:
        return frozenset(word for partner, now in self.partners for word in differences(partner.agreed, now))

    @property
    def touched(self) -> tuple[Ref, ...]:
        """Whose content is another than agreed, in whatever; of those that can be agreed on."""
        return tuple(
            partner.ref
            for partner, now in self.partners
            if now is not None and now.standing in CARRIED and not _as_agreed(partner.agreed, now)
        )

    @property
    def final(self) -> tuple[Ref, ...]:
        """Bookings in Square that are cancelled: they are so for good."""
        return self._in_square(Standing.CANCELLED)

    @property
    def over(self) -> tuple[Ref, ...]:
        """Bookings in Square that stand no more, though nobody cancelled them."""
        return self._in_square(Standing.OVER)

    @property
    def as_if_standing(self) -> Half:
        """The same with what is over (served, not come) as though it still stood."""
        return Half(tuple((partner, as_if_standing(now)) for partner, now in self.partners))

    @property
    def lost_parts(self) -> bool:
        """Whether a part that stood when all was agreed is no longer there, and nobody cancelled it: its row is gone,
        as after a backup was restored. Whatever became of the other parts, that was nobody's wish."""
        return any(now and agreed and _lost(agreed, now) for agreed, now in self._then_and_now())

    @property
    def other_lengths(self) -> bool:
        """Whether any of them takes longer or shorter than when all was agreed."""
        return any(now and agreed and _lengths(now) != _lengths(agreed) for agreed, now in self._then_and_now())

    def _in_square(self, standing: Standing) -> tuple[Ref, ...]:
        return tuple(a.ref for a in self.there if a.ref.side is Side.SQUARE and a.standing is standing)

    def _then_and_now(self) -> Iterable[tuple[Appointment | None, Appointment | None]]:
        return ((partner.agreed, now) for partner, now in self.partners)


@dataclass(frozen=True, slots=True)
class Case:
    """A linked visit: the half that a person made, and the half that shows it."""

    sight: Sight
    pair: Pair
    own: Half
    other: Half

    @property
    def board(self) -> Board:
        return self.sight.board

    @property
    def there(self) -> tuple[Appointment, ...]:
        return (*self.own.there, *self.other.there)

    @property
    def visit(self) -> Appointment | None:
        """As the side that made it has it now."""
        return next(iter(self.own.there), None)

    @property
    def only_blocks(self) -> bool:
        """Whether the other side shows it by blocks in Bookly: they are only ever a projection."""
        return self.pair.owner is Side.SQUARE and all(_is_block(a) for a in self.other.known)

    @property
    def theirs(self) -> frozenset[str]:
        """In what the half that shows it is another than agreed. A block with which something is wrong in itself (a
        service, no end) shuts nothing for certain: it no longer stands."""
        odd = self.only_blocks and any(not a.stands for a in self.other.there)
        return self.other.changed | ({"standing"} if odd else frozenset())

    @property
    def odd(self) -> str | None:
        """What is wrong in itself with what has to be taken at its word: a block has not."""
        believed = self.own.there if self.only_blocks else self.there
        return next((a.anomaly for a in believed if a.anomaly), None)

    @property
    def ahead(self) -> bool:
        """Nothing is written about a visit whose end has passed."""
        return _any_ahead(self.own.known if not self.own.there else self.own.there, self.sight.now)

    @property
    def stands_ahead(self) -> bool:
        """Whether either side still shows it in time to come."""
        return _any_ahead((a for a in self.there if a.stands), self.sight.now)

    @property
    def kept_back(self) -> bool:
        """Whether a side that is suddenly small keeps an absence or a move of it back. A block is put back all the
        same: that takes nothing from anybody."""
        refs = {*self.own.refs, *(() if self.only_blocks else self.other.refs)}
        return bool(refs & self.sight.withheld)

    @property
    def ever_shown(self) -> bool:
        """Whether the other side ever had anything of it."""
        return any(partner.ref.side is self.pair.owner.other for partner in self.pair.partners)


def case_of(sight: Sight, pair: Pair) -> Case:
    """The linked visit that a hint is about; in whatever order its partners are known."""
    return Case(sight, pair, _half(sight, pair, pair.owner), _half(sight, pair, pair.owner.other))


def _half(sight: Sight, pair: Pair, side: Side) -> Half:
    partners = sorted(pair.current(side), key=lambda partner: partner.ref)
    return Half(tuple((partner, sight.board.appointments.get(partner.ref)) for partner in partners))


def as_if_standing(now: Appointment | None) -> Appointment | None:
    """What is over, as though it still stood: it still is where it is."""
    return replace(now, standing=Standing.STANDS) if now is not None and now.standing is Standing.OVER else now


def _any_ahead(appointments: Iterable[Appointment], now: datetime) -> bool:
    return any(a.end > now for a in appointments if a.parts)


def _lengths(appointment: Appointment) -> list[timedelta]:
    return [part.span.end - part.span.start for part in appointment.parts]


def _lost(agreed: Appointment, now: Appointment) -> bool:
    """A part that only went to another row is not lost: there are as many as before."""
    fewer = len(now.parts) + len(now.dropped) < len(agreed.parts) + len(agreed.dropped)
    return agreed.stands and fewer and not {*agreed.units} <= {*now.units, *now.dropped}


def _as_agreed(agreed: Appointment | None, now: Appointment) -> bool:
    return agreed is not None and agreed.fingerprint == now.fingerprint and not differences(agreed, now)


def _is_block(appointment: Appointment) -> bool:
    return appointment.ref.side is Side.BOOKLY and not appointment.clients and not appointment.is_class
