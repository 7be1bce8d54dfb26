"""What holds of every hint, whatever happened on either side and however often it is decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.decide.carrying import Verdict, carry
from sync.decide.case import Sight
from sync.model import Appointment, Cancel, Client, End, Pair, Partner, Ref, Reinstate, Side, Standing, StepKind
from tests.sync.decide.boards import at, bookly, square
from tests.sync.decide.playing import again, group, linked, moved, our_block, our_booking, parts_of, seen, with_staff

HALF_HOUR = timedelta(minutes=30)
SHIFTS = st.integers(-3, 6).map(lambda n: n * HALF_HOUR)
STANDINGS = st.sampled_from((*[Standing.STANDS] * 6, *[Standing.CANCELLED] * 3, *Standing))
ACTS = (*["nothing"] * 4, *["moved"] * 3, *["given", "cancelled", "gone"] * 2, "standing", "odd", "client", "fewer")
PEOPLE = {Side.BOOKLY: ("1", "2", "3"), Side.SQUARE: ("TM1", "TM2", "TM9")}
ODD = ("unknown_status", "no_end", "service_without_client")


@dataclass(frozen=True)
class Linked:
    """A visit and what shows it, all agreed."""

    owner: Appointment
    shown: tuple[Appointment, ...]

    @property
    def pair(self) -> Pair:
        return linked(self.owner, *self.shown)


def _website() -> Linked:
    return Linked(bookly("1", at(10), made_at=at(7)), (our_booking("S", at(10)),))


def _blocked() -> Linked:
    return Linked(square("S", at(10), made_at=at(7)), (our_block("5", at(10)),))


def _blocked_twice() -> Linked:
    both = replace(_blocked().owner, parts=parts_of(square("S", at(10)), square("S", at(11), staff="TM2")))
    return Linked(both, (our_block("5", at(10)), our_block("6", at(11), staff="2", number=1)))


def _compound() -> Linked:
    whole = replace(_website().owner, parts=parts_of(bookly("1", at(10)), bookly("2", at(11, 30), staff="2")))
    return Linked(whole, (our_booking("S", at(10)), our_booking("T", at(11, 30), staff="TM2")))


def _class() -> Linked:
    return Linked(group(_website().owner, 3), (our_booking("S", at(10)),))


def _by_hand() -> Linked:
    return Linked(square("S", at(10), made_at=at(7)), (bookly("1", at(10), made_at=at(7, 30)),))


VISITS = st.sampled_from((_website, _blocked, _blocked_twice, _compound, _class, _by_hand)).map(lambda make: make())


def changed(draw: st.DrawFn, then: Appointment) -> Appointment | None:
    """The same appointment after whatever its side may have done to it; None: gone."""
    what = draw(st.sampled_from(ACTS))
    if what == "gone":
        return None
    if what == "moved":
        return moved(then, draw(SHIFTS))
    if what == "given":
        return with_staff(then, draw(st.sampled_from(PEOPLE[then.ref.side])))
    if what == "cancelled":
        return replace(then, standing=Standing.CANCELLED)
    if what == "standing":
        return replace(then, standing=draw(STANDINGS))
    if what == "odd":
        return replace(then, standing=Standing.UNKNOWN, anomaly=draw(st.sampled_from(ODD)))
    if what == "client" and then.clients:
        return replace(then, clients=(Client("somebody", "Somebody Else"),))
    if what == "fewer":
        return replace(then, parts=then.parts[:1], dropped=draw(st.sampled_from(((), then.units[1:]))))
    return then


@st.composite
def neighbours(draw: st.DrawFn) -> list[Appointment]:
    """Who stands around on either side."""
    some = draw(st.lists(st.tuples(st.sampled_from((bookly, square)), SHIFTS), max_size=2))
    return [make(f"N{number}", at(9) + shift) for number, (make, shift) in enumerate(some)]


@st.composite
def worlds(draw: st.DrawFn, pairs: st.SearchStrategy[Linked] = VISITS) -> Sight:
    """A linked visit after something, or nothing, was done on each side, with somebody around; a hint names an end."""
    visit = draw(pairs)
    then = (visit.owner, *visit.shown)
    now = [a for a in (changed(draw, a) for a in then) if a is not None]
    around = [
        draw(st.sampled_from((bookly, square)))(f"N{n}", at(9) + draw(SHIFTS)) for n in range(draw(st.integers(0, 2)))
    ]
    refs = [a.ref for a in then]
    some = st.frozensets(st.sampled_from(refs))
    return seen(
        draw(st.sampled_from(refs)),
        *now,
        *around,
        pairs=[visit.pair],
        now=draw(st.sampled_from((at(8), at(10, 15), at(11), at(15)))),
        meant=frozenset(ref for ref in draw(some) if ref.side is Side.BOOKLY),
        withheld=draw(st.sampled_from((frozenset(), draw(some)))),
        put_back=draw(st.integers(0, 3)),
    )


@st.composite
def strangers(draw: st.DrawFn) -> Sight:
    """An appointment that nothing is linked with."""
    first = draw(st.sampled_from((bookly("1", at(10)), square("S", at(10)), group(bookly("1", at(10)), 2))))
    visit = replace(
        with_staff(moved(first, draw(SHIFTS)), draw(st.sampled_from(PEOPLE[first.ref.side]))),
        standing=draw(STANDINGS),
        made_at=draw(st.sampled_from((None, at(5), *[at(7)] * 6))),
        anomaly=draw(st.sampled_from((*[None] * 8, *ODD))),
    )
    around = [
        draw(st.sampled_from((bookly, square)))(f"N{n}", at(9) + draw(SHIFTS)) for n in range(draw(st.integers(0, 2)))
    ]
    return seen(visit, visit, *around, now=draw(st.sampled_from((at(8), at(12)))), crossing_since=at(6))


SIGHTS = st.one_of(worlds(), strangers())
MANY = settings(max_examples=150, deadline=None)


def owner_of(sight: Sight) -> Appointment | None:
    """The visit as the side that made it shows it now."""
    pair = sight.board.pair_of(sight.ref)
    refs = [p.ref for p in pair.current(pair.owner)] if pair else [sight.ref]
    return next((a for ref in refs if (a := sight.board.appointments.get(ref))), None)


@MANY
@given(SIGHTS)
def test_decided_again_there_is_nothing_left_to_do(sight: Sight) -> None:
    verdict = carry(sight)
    after = again(sight, verdict)
    assert after.steps == ()
    if verdict.end in (End.APPLIED, End.ALREADY_TRUE):
        assert after.end in (End.ALREADY_TRUE, End.SUPERSEDED)
    else:
        assert after.end in (verdict.end, End.ALREADY_TRUE, End.SUPERSEDED)


@MANY
@given(SIGHTS)
def test_nothing_is_written_about_a_visit_that_is_over(sight: Sight) -> None:
    visit = owner_of(sight)
    if visit is not None and visit.end <= sight.now:
        assert carry(sight).steps == ()


@MANY
@given(SIGHTS)
def test_nothing_is_written_of_what_is_odd_unknown_or_not_carried(sight: Sight) -> None:
    visit = owner_of(sight)
    if visit is not None and (visit.anomaly or visit.standing in (Standing.OVER, Standing.WAITING, Standing.UNKNOWN)):
        assert carry(sight).steps == ()


@MANY
@given(worlds(st.sampled_from((_blocked(), _blocked_twice()))))
def test_nothing_that_is_done_to_a_block_reaches_square(sight: Sight) -> None:
    assert {step.side for step in carry(sight).steps} <= {Side.BOOKLY}


@MANY
@given(worlds())
def test_a_visit_that_vanished_or_is_kept_back_cancels_nobody(sight: Sight) -> None:
    pair = sight.board.pair_of(sight.ref)
    assert pair is not None
    own = [p.ref for p in pair.current(pair.owner)]
    gone = {ref for ref in own if ref not in sight.board.appointments}
    kept = set(own) & sight.withheld
    if kept or gone - sight.meant:
        taking = (StepKind.CANCEL, StepKind.WITHDRAW)
        assert not [step for step in carry(sight).steps if step.kind in taking and not _is_spoilt(sight, step.ref)]


def _is_spoilt(sight: Sight, ref: Ref | None) -> bool:
    """A block that shuts nothing any more makes room for one that does."""
    there = sight.board.appointments.get(ref) if ref else None
    return there is not None and there.mark is not None and not there.stands


@MANY
@given(worlds())
def test_a_cancellation_or_a_reinstatement_is_always_somebodys(sight: Sight) -> None:
    """Only stands and cancelled are carried: who is cancelled was cancelled on one side, or meant to be gone."""
    pair = sight.board.pair_of(sight.ref)
    assert pair is not None
    now = [sight.board.appointments.get(p.ref) for p in pair.partners]
    said = any(a.standing is Standing.CANCELLED for a in now if a) or bool(
        sight.meant - sight.board.appointments.keys()
    )
    if not said:
        assert not [s for s in carry(sight).steps if isinstance(s.write, Cancel | Reinstate)]


@MANY
@given(worlds(), st.booleans())
def test_a_former_partner_is_always_superseded(sight: Sight, there: bool) -> None:
    (pair,) = sight.board.pairs
    old = our_booking("OLD", at(10))
    grown = replace(pair, partners=(*pair.partners, Partner(old.ref, current=False, agreed=old)))
    shown: dict[Ref, Appointment] = {**sight.board.appointments, **({old.ref: old} if there else {})}
    verdict = carry(replace(sight, ref=old.ref, board=replace(sight.board, pairs=(grown,), appointments=shown)))
    assert (verdict.end, verdict.changes_nothing) == (End.SUPERSEDED, True)


@MANY
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_in_which_partners_are_known_says_nothing(sight: Sight, chance: Any) -> None:
    (pair,) = sight.board.pairs
    partners, appointments = list(pair.partners), list(sight.board.appointments.items())
    chance.shuffle(partners)
    chance.shuffle(appointments)
    mixed = replace(pair, partners=tuple(partners))
    board = replace(sight.board, pairs=(mixed,), appointments=dict(appointments))
    assert _sorted(carry(sight)) == _sorted(carry(replace(sight, board=board)))


def _sorted(verdict: Verdict) -> tuple[object, ...]:
    steps = sorted(repr(step) for step in verdict.steps)
    return verdict.end, verdict.reason, steps, set(verdict.agree), set(verdict.former), verdict.putting_back
