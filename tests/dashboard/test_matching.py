from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.matching import Matching, What, matchings
from dashboard.salon import salon
from sync.settings import settings
from sync.store import mapping, tables
from sync.store.connection import reading, writing
from tests.dashboard.small_store import NOW, Shop, fill


def _found(engine: Engine) -> tuple[Matching, Matching]:
    with reading(engine) as conn:
        return matchings(conn, salon(conn, settings(), NOW))


def test_what_is_alike_is_suggested_with_its_reason_and_waits_for_a_person(empty_store: Engine, shop: Shop) -> None:
    fill(empty_store, shop, confirmed=False)
    staff, services = _found(empty_store)
    assert (staff.what, len(staff.suggested), staff.confirmed, staff.open) == (What.STAFF, 6, (), ())
    assert {couple.by for couple in staff.suggested} == {"name"}
    assert len(services.suggested) == 5


def test_what_was_confirmed_is_no_longer_asked(small_store: Engine) -> None:
    staff, services = _found(small_store)
    assert (len(staff.confirmed), staff.suggested, staff.open, staff.alone) == (6, (), (), ())
    assert len(services.confirmed) == 5


def test_whoever_left_is_not_asked_about(small_store: Engine) -> None:
    with writing(small_store) as conn:
        mapping.forget_staff(conn, "2")
        conn.execute(sa.update(tables.staff).where(tables.staff.c.id == "2").values(active=False))
    staff, _ = _found(small_store)
    assert staff.open == () and staff.suggested == ()
    assert [single.name for single in staff.alone] == ["Theo Abara"]


def test_somebody_without_a_likeness_is_picked_from_those_still_free(small_store: Engine) -> None:
    with writing(small_store) as conn:
        mapping.forget_staff(conn, "2")
        known = tables.staff.c
        row = conn.execute(sa.select(known.content).where(known.side == "square", known.id == "TM2")).scalar_one()
        changed = {**row, "name": "T."}
        conn.execute(
            sa.update(tables.staff).where(known.side == "square", known.id == "TM2").values(name="T.", content=changed)
        )
    staff, _ = _found(small_store)
    assert [single.name for single in staff.open] == ["Theo Abara"]
    assert [single.name for single in staff.free] == ["T."]


def test_before_anything_was_read_both_lists_are_empty(empty_store: Engine) -> None:
    assert all(found.empty for found in _found(empty_store))


def test_several_services_may_be_one_in_square(small_store: Engine) -> None:
    with writing(small_store) as conn:
        mapping.confirm_services(conn, {"5": "V1"}, "Dana", NOW)
    _, services = _found(small_store)
    assert len(services.confirmed) == 5
    assert [single.name for single in services.alone] == ["Balayage"]
    assert len(services.free) == 5
