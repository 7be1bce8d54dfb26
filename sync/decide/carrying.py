"""What a hint leads to: nothing, steps that bring both sides into step, a conflict for a person, or a wait. Pure.

Each side is compared with what it showed itself when all was last agreed, never with the other side's words for it;
the two are compared through the projection only where both have changed, or where nothing was agreed (ENGINE, "What has
changed").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sync.decide.case import Case, Sight, case_of
from sync.decide.chairs import in_the_way, own_refs, person_spans, standing
from sync.decide.differences import CARRIED, differences
from sync.decide.following import SLACK, follow, past_what_only_shows, renew_projection
from sync.decide.likeness import region_of
from sync.decide.projection import NotMapped, placeable
from sync.decide.same_visit import perhaps_one
from sync.decide.showing import Showing, showing, shown_there
from sync.decide.steps import Refused, place_steps, withdrawn
from sync.model import Appointment, Board, End, Move, Pair, Place, Ref, Side, Standing, Step, StepKind

HALF_WRITTEN = timedelta(seconds=30)
"""Bookly writes the row first and the client a moment later: until then it is waited for."""

MOST_PUT_BACK = 3
"""A block that was put back so often within an hour is a question for a person."""

UNSEEN = frozenset({"persons", "paid"})
"""What may change without any chair being taken or freed."""


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
    return _nothing_to_carry(sight, visit) or _across(sight, visit)


def _nothing_to_carry(sight: Sight, visit: Appointment) -> Verdict | None:
    if _half_written(sight, visit):
        return Verdict(None, "half_written")
    if visit.anomaly is not None:
        return Verdict(End.CONFLICT, visit.anomaly)
    if not visit.stands:
        return Verdict(End.ALREADY_TRUE, "nothing_stands")
    if visit.end <= sight.now:
        return Verdict(End.ALREADY_TRUE, "past")
    return Verdict(End.CONFLICT, "unknown_mark") if visit.mark is not None else None


def _across(sight: Sight, visit: Appointment) -> Verdict:
    """Show a visit that nothing on the other side stands for, as far as its people are known there."""
    since = sight.crossing_since
    if since is None or visit.made_at is None or visit.made_at < since:
        return Verdict(End.CONFLICT, "before_writing")
    if _perhaps_there(sight.board, visit):
        return Verdict(End.CONFLICT, "same_visit")
    _must_be_free(sight, visit)
    every = range(len(visit.parts))
    known = _placeable(sight.board, visit, every) or every
    steps = place_steps(sight.board, visit, known, even_if_taken=visit.ref.side is Side.SQUARE)
    if len(known) < len(every):
        return Verdict(End.CONFLICT, "not_mapped_staff", steps)
    return Verdict(End.APPLIED, "shown", steps)


def _placeable(board: Board, visit: Appointment, numbers: Sequence[int]) -> Sequence[int]:
    """What is in Square is always blocked in Bookly: there one whom nobody has matched does not keep the others' time
    open. What is in Bookly goes across whole or not at all."""
    return placeable(board, visit, numbers) if visit.ref.side is Side.SQUARE else numbers


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
    """A Bookly visit that overlaps in Square is not written by itself; what is in Square is always blocked in Bookly.
    Padding never stops a projection. Raises Refused.

    Of two that overlap in Bookly the first goes across: so the chair, sold twice, is not sold a third time.
    """
    if visit.ref.side is Side.SQUARE:
        return
    board = sight.board
    met = in_the_way(standing(board), person_spans(board, visit), own_refs(board, visit.ref), cores=True)
    blockers = tuple(ref for ref in met if _is_in_square(board, ref))
    if blockers:
        raise Refused("taken", blockers)


def _is_in_square(board: Board, ref: Ref) -> bool:
    return ref.side is Side.SQUARE or any(a.stands for a in shown_there(board, ref))


# --- a visit that both sides know -----------------------------------------------------------------------------------


def _linked(sight: Sight, pair: Pair) -> Verdict:
    if sight.ref not in {partner.ref for partner in pair.partners if partner.current}:
        return Verdict(End.SUPERSEDED, "former")
    case = case_of(sight, pair)
    if any(_half_written(sight, a) for a in case.there):
        return Verdict(None, "half_written")
    if case.odd is not None:
        return Verdict(End.CONFLICT, case.odd)
    over = _over_elsewhere(case) or _over_where_it_was_put(case)
    if over is not None:
        return over
    mine, theirs = case.own.changed, case.theirs
    if not mine and not theirs:
        return _not_shown(case) or Verdict(End.ALREADY_TRUE, "in_step", agree=(*case.own.touched, *case.other.touched))
    if not case.ahead:
        return Verdict(End.CONFLICT if case.stands_ahead else End.ALREADY_TRUE, "past")
    return _one_or_both(case, mine, theirs)


def _over_elsewhere(case: Case) -> Verdict | None:
    """What is over (served, not come) still is where it is: what shows it goes there with it, and is neither placed nor
    cancelled for it. Where a person moved what shows it, that is left as it is, unless it is a block; what shows a part
    that was cancelled goes all the same."""
    visit = case.visit
    if visit is None or visit.standing is not Standing.OVER or not case.ahead or case.kept_back or case.own.lost_parts:
        return None
    if case.theirs and not case.only_blocks:
        gone = tuple(withdrawn(a) for a in _showing_cancelled_parts(case))
        return Verdict(End.APPLIED, "standing", gone) if gone else None
    as_if = replace(visit, standing=Standing.STANDS)
    there = showing(case.board, as_if, case.other.there)
    steps = renew_projection(case.board, as_if, replace(there, unshown=()))
    if not steps or (case.theirs and case.sight.put_back >= MOST_PUT_BACK):
        return Verdict(End.CONFLICT, "block_changed") if steps else None
    _must_be_free(case.sight, as_if)
    return _agreed(case, End.APPLIED, "put_back" if case.theirs else "time", steps, putting_back=bool(case.theirs))


def _over_where_it_was_put(case: Case) -> Verdict | None:
    """A person moved what shows a visit, and it is over there (nobody came) before we heard of the move: the move is
    carried as if it had been told of first; that it is over is not. What cannot be carried is left as it is."""
    visit = case.visit
    if not case.other.over or visit is None or not visit.stands or not case.ahead or case.own.changed:
        return None
    stood = replace(case, other=case.other.as_if_standing)
    try:
        verdict = _one_or_both(stood, frozenset(), stood.theirs) if stood.theirs else None
    except Refused:
        return None
    return verdict if verdict is not None and verdict.steps else None


def _showing_cancelled_parts(case: Case) -> tuple[Appointment, ...]:
    """What still shows, as it was agreed, parts that were cancelled since where the visit was made."""
    then = next((partner.agreed for partner, now in case.own.partners if now is not None), None)
    if then is None or case.visit is None:
        return ()
    cancelled = {number for number, part in enumerate(then.parts) if part.unit in case.visit.dropped}
    shown = [partner.agreed for partner, _ in case.other.partners if partner.agreed is not None]
    showed = {a.ref for a, numbers in showing(case.board, then, shown).by if cancelled.issuperset(numbers)}
    return tuple(
        now
        for partner, now in case.other.partners
        if now is not None and now.stands and now.ref in showed and not differences(partner.agreed, now)
    )


def _not_shown(case: Case) -> Verdict | None:
    """What an earlier try began and did not bring to its end, where nothing has changed since: a part that nobody shows
    yet, or one that is shown twice. What a person linked or took away is theirs: it is left as it is; what
    we took back ourselves is a question, or goes across once the chair is free."""
    visit = case.visit
    if visit is None or not visit.stands or not case.ahead or case.kept_back:
        return None
    if not case.other.partners:
        return None if case.ever_shown and not case.sight.taken_back else _across(case.sight, visit)
    shown = case.other.as_if_standing.there
    there = showing(case.board, visit, shown)
    if there.whole or not all(a.mark and a.stands for a in shown) or (case.other.over and there.surplus):
        return None
    steps = (*(withdrawn(a) for a in there.surplus), *_places(case, visit, there))
    return Verdict(End.APPLIED, "shown", steps)


def _places(case: Case, visit: Appointment, there: Showing) -> tuple[Step, ...]:
    if there.unshown:
        _must_be_free(case.sight, visit)
    return place_steps(case.board, visit, there.unshown, even_if_taken=visit.ref.side is Side.SQUARE)


def _one_or_both(case: Case, mine: frozenset[str], theirs: frozenset[str]) -> Verdict:
    if case.kept_back:
        return Verdict(End.CONFLICT, "calendar_small")
    if case.own.lost_parts and case.pair.owner is Side.BOOKLY and any(a.stands for a in case.there):
        return Verdict(End.CONFLICT, "vanished")
    if not case.only_blocks and "client" in mine | theirs:
        return Verdict(End.CONFLICT, "client")
    if mine and theirs and _says_the_same(case):
        same = _agreed(case, End.ALREADY_TRUE, "same_on_both")
        return replace(same, former=(*same.former, *case.own.gone))
    if "unknown" in (mine if case.only_blocks else mine | theirs):
        return Verdict(End.CONFLICT, "not_agreed")
    if case.visit is not None and case.visit.standing not in CARRIED:
        return Verdict(End.ALREADY_TRUE, "not_carried")
    if case.only_blocks:
        return _blocks_follow(case, putting_back=bool(theirs) and not mine - {"client"})
    if mine and theirs:
        return Verdict(End.CONFLICT, "both_changed")
    return _projection_follows(case, mine) if mine else _owner_follows(case, theirs)


def _says_the_same(case: Case) -> bool:
    """Whether what is to be shown is what is shown. Of blocks nobody asks: they are made to show it."""
    visit, shown = case.visit, [a for a in case.other.there if a.stands]
    if visit is None or case.own.gone:
        return not any(a.stands for a in case.there)
    if case.only_blocks:
        return False
    if not visit.stands or not shown:
        return not visit.stands and not shown
    return _is_there(case, visit)


def _is_there(case: Case, visit: Appointment) -> bool:
    """Whether the other side shows it just as it is."""
    there = showing(case.board, visit, case.other.there)
    return there.whole and all(not _moves(step) for step in renew_projection(case.board, visit, there))


def _is_elsewhere(case: Case, visit: Appointment) -> bool:
    """Whether what was cancelled stands on the other side, but not as it did."""
    stands = any(a.stands for a in case.other.there)
    return stands and not _is_there(case, replace(visit, standing=Standing.STANDS))


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


def _agreed(case: Case, end: End, reason: str, steps: tuple[Step, ...] = (), *, putting_back: bool = False) -> Verdict:
    """The verdict after which both sides are in step: what stands on the side the change came from is agreed as it was
    read, the written side as it answers."""
    written = {step.ref for step in steps if step.before is not None}
    agree = tuple(ref for ref in (*case.own.touched, *case.other.touched) if ref not in written)
    replaced = case.other.over if any(step.kind is StepKind.PLACE for step in steps) else ()
    former = tuple(ref for ref in (*case.other.gone, *case.other.final, *replaced) if ref not in written)
    return Verdict(end, reason, steps, agree, former, putting_back=putting_back)


def _carried(case: Case, changed: frozenset[str], steps: tuple[Step, ...]) -> Verdict:
    return _agreed(case, End.APPLIED if steps else End.ALREADY_TRUE, _reason(changed), steps)


def _blocks_follow(case: Case, *, putting_back: bool) -> Verdict:
    """Square wins for blocks: whatever was done to them in Bookly is put back (ENGINE, "Ownership")."""
    visit = case.visit
    if visit is None:
        return Verdict(End.CONFLICT, "vanished")
    if putting_back and case.sight.put_back >= MOST_PUT_BACK:
        return Verdict(End.CONFLICT, "block_changed")
    there = showing(case.board, visit, case.other.there)
    known = _placeable(case.board, visit, there.unshown)
    spoilt = tuple(withdrawn(a) for a in case.other.there if not a.stands)
    steps = (*spoilt, *renew_projection(case.board, visit, replace(there, unshown=tuple(known))))
    reason = "put_back" if putting_back else _reason(case.own.changed)
    verdict = _agreed(case, End.APPLIED if steps else End.ALREADY_TRUE, reason, steps, putting_back=putting_back)
    if visit.stands and len(known) < len(there.unshown):
        return replace(verdict, end=End.CONFLICT, reason="not_mapped_staff")
    return verdict


def _projection_follows(case: Case, changed: frozenset[str]) -> Verdict:
    visit = case.visit
    if visit is None or case.own.gone:
        return _vanished(case)
    if visit.ref.side is Side.SQUARE and "service" in changed:
        return Verdict(End.CONFLICT, "service")  # the service of a client's own row in Bookly is never changed
    if visit.stands and case.other.over and changed <= UNSEEN:
        return Verdict(End.ALREADY_TRUE, "not_carried")
    if visit.stands and changed - UNSEEN:
        _must_be_free(case.sight, visit)
    there = showing(case.board, visit, case.other.there)
    return _carried(case, changed, renew_projection(case.board, visit, there, changed))


def _vanished(case: Case) -> Verdict:
    """A website visit is gone: a cancellation only where somebody meant it; else nothing is touched."""
    if not set(case.own.gone) <= case.sight.meant or case.own.there:
        return Verdict(End.CONFLICT, "vanished")
    steps = tuple(withdrawn(a) for a in case.other.there if a.stands)
    former = (*case.own.gone, *case.other.final, *case.other.gone)
    return Verdict(End.APPLIED if steps else End.ALREADY_TRUE, "meant_to_be_gone", steps, former=former)


def _owner_follows(case: Case, changed: frozenset[str]) -> Verdict:
    """Only the side that shows it was changed there, by a person: it is carried to where the visit was made."""
    visit = case.visit
    if visit is None:
        return Verdict(End.CONFLICT, "vanished")
    if case.other.gone and not set(case.other.gone) <= case.sight.meant:
        return Verdict(End.CONFLICT, "vanished")
    if "service" in changed:
        return Verdict(End.CONFLICT, "service")
    if not visit.stands and ("standing" not in changed or _is_elsewhere(case, visit)):
        return Verdict(End.CONFLICT, "not_agreed")  # nobody said that what was cancelled is to stand again as it was
    there = showing(case.board, visit, case.other.there)
    if not there.by and _partly_shown(case, visit):
        return Verdict(End.CONFLICT, "changed")  # nobody said anything of the parts that were never there
    steps = follow(case.board, visit, there, standing(case.board), lengths=case.other.other_lengths)
    return _carried(case, changed, steps)


def _partly_shown(case: Case, visit: Appointment) -> bool:
    """Whether we have not come to show every part of it: each has a booking of its own that we make."""
    shown = case.other.known
    return all(a.mark for a in shown) and sum(len(a.parts) for a in shown) < len(visit.parts)


ORDER = ("gone", "standing", "staff", "time", "service", "paid", "persons", "client")
"""By which word it is said what was carried: the first that there is."""


def _reason(changed: frozenset[str]) -> str:
    """What was carried, in one word: the first that matters."""
    return next((word for word in ORDER if word in changed), "carried")
