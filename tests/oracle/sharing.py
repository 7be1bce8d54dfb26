"""What a person does on the Set-up page: somebody or something known on one side gets its other half, and a line."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sync.model import Kind, Side
from sync.store import mapping
from sync.store.connection import writing
from sync.store.findings import Kept
from tests.oracle.floor import Floor

MINUTES = 30


def share(floor: Floor, kept: Kept) -> None:
    """Add what an unmapped finding names to the other side, and confirm that the two are one."""
    detail = kept.finding.detail
    side, here, name = Side(detail["side"]), str(detail["id"]), str(detail["name"])
    staff = kept.finding.kind is Kind.UNMAPPED_STAFF
    there = (_share_staff if staff else _share_service)(floor, side, here, name)
    couple = {here: there} if side is Side.BOOKLY else {there: here}
    with writing(floor.house.engine) as conn:
        (mapping.confirm_staff if staff else mapping.confirm_services)(conn, couple, "Dana", floor.clock())


def _share_staff(floor: Floor, side: Side, here: str, name: str) -> str:
    mail = f"{name.lower().replace(' ', '.')}@salon.example"
    square, staff = floor.people.stage.square, floor.people.stage.site.bookly.staff
    if side is Side.SQUARE:
        square.act("owner", "edit_team_member", team_member_id=here, email_address=mail)
        return _insert(floor, staff, full_name=name, email=mail)
    with floor.people.stage.site.engine.begin() as conn:
        conn.execute(sa.update(staff).where(staff.c.id == int(here)).values(email=mail))
    return str(square.act("owner", "add_team_member", name=name, email=mail)["team_member"]["id"])


def _share_service(floor: Floor, side: Side, here: str, name: str) -> str:
    if side is Side.SQUARE:
        return _insert(floor, floor.people.stage.site.bookly.services, title=name, duration=MINUTES * 60)
    able = [member.id for member in floor.people.stage.square.members()]
    made = floor.people.stage.square.act("owner", "add_service", title=name, minutes=MINUTES, team_member_ids=able)
    return str(made["item"]["item_data"]["variations"][0]["id"])


def _insert(floor: Floor, table: sa.Table, **values: Any) -> str:
    with floor.people.stage.site.engine.begin() as conn:
        made = conn.execute(sa.insert(table).values(values)).inserted_primary_key
    assert made is not None
    return str(made[0])
