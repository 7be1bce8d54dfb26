"""What a hint leads to: nothing, steps that bring both sides into step, a conflict for a person, or a wait. Pure.

Each side is compared with what it showed itself when all was last agreed, never with the other side's words for it;
the two are compared through the projection only where both have changed, or where nothing was agreed (ENGINE, "What has
changed").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sync.decide.chairs import in_the_way, own_refs, person_spans, standing
from sync.decide.differences import CARRIED, differences
from sync.decide.following import SLACK, follow, past_what_only_shows, renew_projection
from sync.decide.likeness import region_of
from sync.decide.projection import NotMapped
from sync.decide.same_visit import perhaps_one
from sync.decide.showing import showing
from sync.decide.steps import Refused, place_steps, withdrawn
from sync.model import Appointment, Board, End, Move, Pair, Partner, Place, Ref, Side, Standing, Step

HALF_WRITTEN = timedelta(seconds=30)
"""Bookly writes the row first and the client a moment later: until then it is waited for."""

MOST_PUT_BACK = 3
"""A block that was put back so often within an hour is a question for a person."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known when a hint about `ref` is decided.

    board: its appointment, its partners and what stands around, as both sides show them; what a side no longer has is
    not on it. meant: what is gone from Bookly because somebody meant it. withheld: absences and moves that a calendar
    suddenly small keeps back. crossing_since: since when visits cross by themselves; None where nothing is written.
    put_back: how often a block of this visit was put back within the hour.
    """

    board: Board
    ref: Ref
    meant: frozenset[Ref] = frozenset()
    withheld: frozenset[Ref] = frozenset()
    crossing_since: datetime | None = None
    put_back: int = 0

    @property
    def now(self) -> datetime:
        return self.board.now


@dataclass(frozen=True, slots=True)
class Verdict:
    """`end` None: wait, `reason` says for what. With steps, they are to be carried out, and then it has ended so.

    agree: whose present content is what was agreed, once the steps are done. former: partners that are no more.
    putting_back: the steps put back a block that was changed in Bookly. in_the_way: who stands where it would go.
    """

    end: End | None
    reason: str
    steps: tuple[Step, ...] = ()
    agree: tuple[Ref, ...] = ()
    former: tuple[Ref, ...] = ()
    putting_back: bool = False
    in_the_way: tuple[Ref, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether there is nothing to do and nothing to remember."""
        return not (self.steps or self.agree or self.former)


def carry(sight: Sight) -> Verdict:
    """What is to be done about the appointment that a hint names. Never raises."""
    try:
        pair = sight.board.pair_of(sight.ref)
        verdict = _new(sight) if pair is None else _linked(sight, pair)
    except Refused as refused:
        return Verdict(End.CONFLICT, refused.word, in_the_way=refused.by)
    except NotMapped as missing:
        return Verdict(End.CONFLICT, missing.word)
    if not verdict.steps:
        return verdict
    steps = past_what_only_shows(sight.board, standing(sight.board), verdict.steps)
    return replace(verdict, steps=tuple(_looked(step) for step in steps))


def _looked(step: Step) -> Step:
    """The board was read live under the lease: the writer need not look once more before it writes."""
    if isinstance(step.write, Place | Move) and step.side is Side.SQUARE:
        return replace(step, write=replace(step.write, looked=True))
    return step


# --- a visit that is on one side only -------------------------------------------------------------------------------


def _new(sight: Sight) -> Verdict:
    visit = sight.board.appointments.get(sight.ref)
    if visit is None:
        return Verdict(End.ALREADY_TRUE, "not_there")
    early = _nothing_to_carry(sight, visit)
    if early is not None:
        return early
    if _perhaps_there(sight.board, visit):
        return Verdict(End.CONFLICT, "same_visit")
    _must_be_free(sight, visit)
    steps = place_steps(sight.board, visit, range(len(visit.parts)), even_if_taken=visit.ref.side is Side.SQUARE)
    return Verdict(End.APPLIED, "shown", steps)


def _nothing_to_carry(sight: Sight, visit: Appointment) -> Verdict | None:
    if _half_written(sight, visit):
        return Verdict(None, "half_written")
    if visit.anomaly is not None:
        return Verdict(End.CONFLICT, visit.anomaly)
    if not visit.stands:
        return Verdict(End.ALREADY_TRUE, "nothing_stands")
    if visit.end <= sight.now:
        return Verdict(End.ALREADY_TRUE, "past")
    if visit.mark is not None:
        return Verdict(End.CONFLICT, "unknown_mark")
    since = sight.crossing_since
    if since is None or visit.made_at is None or visit.made_at < since:
        return Verdict(End.CONFLICT, "before_writing")
    return None


def _half_written(sight: Sight, visit: Appointment) -> bool:
    young = visit.made_at is not None and sight.now - visit.made_at < HALF_WRITTEN
    return young and visit.anomaly == "service_without_client"


def _perhaps_there(board: Board, visit: Appointment) -> bool:
    """Whether somebody may have typed it into the other calendar by hand."""
    region = region_of(board.timezone)
    return any(
        a.stands and a.mark is None and board.pair_of(ref) is None and perhaps_one(visit, a, region)
        for ref, a in board.appointments.items()
        if ref.side is visit.ref.side.other
    )


def _must_be_free(sight: Sight, visit: Appointment) -> None:
    """A Bookly visit that overlaps is not written by itself; what is in Square is always blocked in Bookly. Padding
    never stops a projection. Raises Refused."""
    if visit.ref.side is Side.SQUARE:
        return
    board = sight.board
    blockers = in_the_way(standing(board), person_spans(board, visit), own_refs(board, visit.ref), cores=True)
    if blockers:
        raise Refused("taken", blockers)


# --- a visit that both sides know -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Half:
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
        return tuple(a.ref for a in self.there if a.ref.side is Side.SQUARE and a.standing is Standing.CANCELLED)


@dataclass(frozen=True, slots=True)
class _Case:
    """A linked visit: the half that a person made, and the half that shows it."""

    sight: Sight
    pair: Pair
    own: _Half
    other: _Half

    @property
    def board(self) -> Board:
        return self.sight.board

    @property
    def visit(self) -> Appointment | None:
        """As the side that made it has it now."""
        return next(iter(self.own.there), None)

    @property
    def only_blocks(self) -> bool:
        """Whether the other side shows it by blocks in Bookly: they are only ever a projection."""
        return self.pair.owner is Side.SQUARE and all(_is_block(a) for a in self._other_ever())

    def _other_ever(self) -> Iterable[Appointment]:
        return (a for partner, now in self.other.partners if (a := now or partner.agreed) is not None)

    @property
    def ahead(self) -> bool:
        """Nothing is written about a visit whose end has passed."""
        known = self.own.there or tuple(p.agreed for p, _ in self.own.partners if p.agreed)
        return any(a.end > self.sight.now for a in known if a.parts)


def _linked(sight: Sight, pair: Pair) -> Verdict:
    if sight.ref not in {partner.ref for partner in pair.partners if partner.current}:
        return Verdict(End.SUPERSEDED, "former")
    case = _Case(sight, pair, _half(sight, pair, pair.owner), _half(sight, pair, pair.owner.other))
    there = (*case.own.there, *case.other.there)
    if any(_half_written(sight, a) for a in there):
        return Verdict(None, "half_written")
    odd = next((a.anomaly for a in there if a.anomaly), None)
    if odd is not None:
        return Verdict(End.CONFLICT, odd)
    mine, theirs = case.own.changed, case.other.changed
    if not mine and not theirs:
        return Verdict(End.ALREADY_TRUE, "in_step", agree=(*case.own.touched, *case.other.touched))
    if not case.ahead:
        return Verdict(End.ALREADY_TRUE, "past")
    if "client" in mine | theirs:
        return Verdict(End.CONFLICT, "client")
    return _one_or_both(case, mine, theirs)


def _half(sight: Sight, pair: Pair, side: Side) -> _Half:
    return _Half(tuple((p, sight.board.appointments.get(p.ref)) for p in pair.current(side)))


def _one_or_both(case: _Case, mine: frozenset[str], theirs: frozenset[str]) -> Verdict:
    if {*case.own.gone, *case.other.gone} & case.sight.withheld or {case.sight.ref} & case.sight.withheld:
        return Verdict(End.CONFLICT, "calendar_small")
    if mine and theirs and _says_the_same(case):
        same = _agreed(case, End.ALREADY_TRUE, "same_on_both")
        return replace(same, former=(*same.former, *case.own.gone))
    if "unknown" in mine | theirs:
        return Verdict(End.CONFLICT, "not_agreed")
    if case.only_blocks:
        return _blocks_follow(case, putting_back=not mine)
    if mine and theirs:
        return Verdict(End.CONFLICT, "both_changed")
    return _projection_follows(case, mine) if mine else _owner_follows(case, theirs)


def _says_the_same(case: _Case) -> bool:
    """Whether what is to be shown is what is shown."""
    if case.visit is None or case.own.gone:
        return not any(a.stands for a in (*case.own.there, *case.other.there))
    if not case.visit.stands or not any(a.stands for a in case.other.there):
        return not case.visit.stands and not any(a.stands for a in case.other.there)
    there = showing(case.board, case.visit, case.other.there)
    return there.whole and all(not _moves(step) for step in renew_projection(case.board, case.visit, there))


def _moves(step: Step) -> bool:
    """Whether a step of a renewal changes more than the slack between the two sides' clocks."""
    if step.before is None or step.after is None or not isinstance(step.write, Move):
        return True
    return any(
        abs(now.span.start - then.span.start) >= SLACK
        or abs(now.span.end - then.span.end) >= SLACK
        or now.span.staff != then.span.staff
        or now.service != then.service
        for then, now in zip(step.before.parts, step.after.parts, strict=True)
    )


def _agreed(case: _Case, end: End, reason: str, steps: tuple[Step, ...] = (), *, putting_back: bool = False) -> Verdict:
    """The verdict after which both sides are in step: what stands on the side the change came from is agreed as it was
    read, the written side as it answers."""
    written = {step.ref for step in steps if step.before is not None}
    agree = tuple(ref for ref in (*case.own.touched, *case.other.touched) if ref not in written)
    former = tuple(ref for ref in (*case.other.gone, *case.other.final) if ref not in written)
    return Verdict(end, reason, steps, agree, former, putting_back=putting_back)


def _blocks_follow(case: _Case, *, putting_back: bool) -> Verdict:
    """Square wins for blocks: whatever was done to them in Bookly is put back (ENGINE, "Ownership")."""
    if case.visit is None:
        return Verdict(End.CONFLICT, "vanished")
    if case.visit.standing not in CARRIED:
        return Verdict(End.ALREADY_TRUE, "not_carried")
    if putting_back and case.sight.put_back >= MOST_PUT_BACK:
        return Verdict(End.CONFLICT, "block_changed")
    steps = renew_projection(case.board, case.visit, showing(case.board, case.visit, case.other.there))
    reason = "put_back" if putting_back else _reason(case.own.changed)
    return _agreed(case, End.APPLIED if steps else End.ALREADY_TRUE, reason, steps, putting_back=putting_back)


def _projection_follows(case: _Case, changed: frozenset[str]) -> Verdict:
    visit = case.visit
    if visit is None or case.own.gone:
        return _vanished(case)
    if visit.stands and changed - {"persons", "paid"}:
        _must_be_free(case.sight, visit)
    there = showing(case.board, visit, case.other.there)
    steps = renew_projection(case.board, visit, there, changed)
    return _agreed(case, End.APPLIED if steps else End.ALREADY_TRUE, _reason(changed), steps)


def _vanished(case: _Case) -> Verdict:
    """A website visit is gone: a cancellation only where somebody meant it; else nothing is touched."""
    if not set(case.own.gone) <= case.sight.meant or case.own.there:
        return Verdict(End.CONFLICT, "vanished")
    steps = tuple(withdrawn(a) for a in case.other.there if a.stands)
    former = (*case.own.gone, *case.other.final, *case.other.gone)
    return Verdict(End.APPLIED if steps else End.ALREADY_TRUE, "meant_to_be_gone", steps, former=former)


def _owner_follows(case: _Case, changed: frozenset[str]) -> Verdict:
    """Only the side that shows it was changed there, by a person: it is carried to where the visit was made."""
    visit = case.visit
    if visit is None:
        return Verdict(End.CONFLICT, "vanished")
    if case.other.gone and not set(case.other.gone) <= case.sight.meant:
        return Verdict(End.CONFLICT, "vanished")
    if "service" in changed:
        return Verdict(End.CONFLICT, "service")
    there = showing(case.board, visit, case.other.there)
    steps = follow(case.board, visit, there, standing(case.board), lengths=True)
    return _agreed(case, End.APPLIED if steps else End.ALREADY_TRUE, _reason(changed), steps)


ORDER = ("gone", "standing", "staff", "time", "service", "paid", "persons")
"""By which word it is said what was carried: the first that there is."""


def _reason(changed: frozenset[str]) -> str:
    """What was carried, in one word: the first that matters."""
    return next((word for word in ORDER if word in changed), "carried")


def _as_agreed(agreed: Appointment | None, now: Appointment) -> bool:
    return agreed is not None and agreed.fingerprint == now.fingerprint and not differences(agreed, now)


def _is_block(appointment: Appointment) -> bool:
    return appointment.ref.side is Side.BOOKLY and not appointment.clients and not appointment.is_class
