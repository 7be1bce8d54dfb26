from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.matching import Matching, What, matchings
from dashboard.salon import salon
from sync.decide.unmapped import OWN_TIME_KEY
from sync.model import OWN_TIME, Kind, Side
from sync.settings import settings
from sync.store import mapping, tables
from sync.store.connection import reading, writing
from tests.dashboard.small_store import NOW, Shop, fill, put_finding


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


def test_time_without_a_service_is_offered_once_it_is_a_question_or_has_an_answer(small_store: Engine) -> None:
    def names(found: Matching) -> list[str]:
        return [*(one.name for one in found.open), *(couple.bookly_name for couple in found.confirmed)]

    assert OWN_TIME.name not in names(_found(small_store)[1])
    asked = Shop().ask_who(Kind.UNMAPPED_SERVICE, Side.BOOKLY, OWN_TIME.id, OWN_TIME.name)
    with writing(small_store) as conn:
        put_finding(conn, replace(asked, key=OWN_TIME_KEY), NOW.timestamp(), state="closed")
    assert OWN_TIME.name not in names(_found(small_store)[1])
    with writing(small_store) as conn:
        conn.execute(sa.update(tables.findings).where(tables.findings.c.key == OWN_TIME_KEY).values(state="open"))
    services = _found(small_store)[1]
    assert [(one.id, one.name) for one in services.open] == [(OWN_TIME.id, OWN_TIME.name)]
    with writing(small_store) as conn:
        mapping.confirm_services(conn, {OWN_TIME.id: "V1"}, "Dana", NOW)
    services = _found(small_store)[1]
    assert services.open == () and OWN_TIME.name in names(services)
