"""What is recorded of a step: who joins whose visit, and what counts as agreed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync.converge.errand import Errand
from sync.converge.recording import record_step
from sync.model import Place, PlacedPart, Side, Standing, Step, StepKind, Written
from sync.store import pairs
from sync.store.connection import writing
from tests.sync.converge.conftest import NOON, Salon
from tests.sync.store.made import bookly, square, visit

HERE, THERE, THIRD = visit(bookly(1)), visit(square("a")), visit(bookly(2))


@pytest.mark.parametrize(("one", "other"), [(HERE, THERE), (THERE, HERE)])
def test_whichever_of_two_is_linked_already_the_other_joins_its_visit(salon: Salon, one: object, other: object) -> None:
    step = Step(StepKind.LINK, Side.BOOKLY, HERE.ref, one, other)  # type: ignore[arg-type]
    with writing(salon.house.engine) as conn:
        linked = pairs.link(conn, Side.SQUARE, [(THERE.ref, THERE), (THIRD.ref, THIRD)], NOON)
        record_step(conn, salon.house, Errand(), step, None, None)
        assert pairs.visit_of(conn, HERE.ref) == linked


@pytest.mark.parametrize("kind", [StepKind.PLACE, StepKind.PLACE_AGAIN])
@pytest.mark.parametrize("standing", [Standing.STANDS, Standing.CANCELLED])
def test_what_was_cancelled_before_its_answer_came_was_agreed_as_it_was_placed(
    salon: Salon, kind: StepKind, standing: Standing
) -> None:
    shown = replace(THERE, standing=standing)
    (part,) = THERE.parts
    wanted = PlacedPart(part.span.staff, part.span.start, part.span.end, part.service)
    place = Place(Side.SQUARE, (wanted,), mark="", label="", key="")
    with writing(salon.house.engine) as conn:
        known = pairs.link(conn, Side.BOOKLY, [(HERE.ref, HERE)], NOON)
        step = Step(kind, Side.SQUARE, HERE.ref, None, shown, place)
        record_step(conn, salon.house, Errand(), step, Written(shown.ref, shown), known)
        (pair,) = pairs.pairs_of(conn, [shown.ref])
    (agreed,) = [partner.agreed for partner in pair.partners if partner.ref == shown.ref]
    assert agreed is not None and agreed.stands
    assert agreed.parts == THERE.parts
