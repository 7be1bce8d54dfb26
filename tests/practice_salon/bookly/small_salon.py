"""A salon of two people and four services, with a clock that stands still, for tests of Bookly's doors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from practice_salon.bookly.backoffice import BackOffice
from practice_salon.bookly.door import Choice, Form, Website
from practice_salon.bookly.journal import Site, open_site
from practice_salon.bookly.load import replace_all
from practice_salon.bookly.site import zone_options
from practice_salon.bookly.tables import create

MARIA, THEO = 1, 2
CUT, BLOWOUT, CLASS, COLOUR, PACKAGE = 1, 2, 3, 4, 5
ANNA = Form("Anna Abbott", "anna@mail.example", "+13125550120")
BEN = Form("Ben Barros", "ben@mail.example", "+13125550121")
CARLA = Form("Carla Castell", "carla@mail.example", "+13125550122")
NOW = datetime(2026, 6, 1, 14, 0, tzinfo=UTC)
"""A Monday, 09:00 in Chicago."""
NOW_LOCAL = datetime.fromisoformat("2026-06-01 09:00:00")


def at(clock: str, day: str = "2026-06-03") -> datetime:
    """Naive local, on a Wednesday that lies ahead."""
    return datetime.fromisoformat(f"{day} {clock}:00")


@dataclass
class Salon:
    """The site with its two doors, and plain SQL to look at it."""

    site: Site
    now: datetime = NOW

    @property
    def website(self) -> Website:
        return Website(self.site)

    @property
    def office(self) -> BackOffice:
        return BackOffice(self.site)

    def rows(self, table: str, **equal: Any) -> list[dict[str, Any]]:
        found = self.site.bookly.by_name[table]
        query = sa.select(found).where(*(found.c[k] == v for k, v in equal.items())).order_by(*found.primary_key)
        with self.site.engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def one(self, table: str, row_id: int) -> dict[str, Any]:
        (row,) = self.rows(table, id=row_id)
        return row

    def log(self) -> list[tuple[str, str]]:
        """(action, table) of each line about appointments and who is on them, in order."""
        lines = ((row["action"], row["target"].removeprefix("wp_bookly_")) for row in self.rows("log"))
        return [line for line in lines if line[1] in ("appointments", "customer_appointments")]

    def forget_log(self) -> None:
        with self.site.engine.begin() as connection:
            connection.execute(sa.delete(self.site.bookly.log))

    def insert(self, table: str, **values: Any) -> int:
        with self.site.engine.begin() as connection:
            made = connection.execute(sa.insert(self.site.bookly.by_name[table]).values(values)).inserted_primary_key
        assert made is not None
        return int(made[0])

    def option(self, name: str, value: str) -> None:
        options = self.site.bookly.options
        with self.site.engine.begin() as connection:
            connection.execute(sa.update(options).where(options.c.option_name == name).values(option_value=value))


def small_salon(
    url: str, zone: str = "America/Chicago", hours: Mapping[int, tuple[str, str] | None] | None = None
) -> Salon:
    """Open nine to six every day but Sunday, lunch at noon; Theo does no colour."""
    salon = Salon(open_site(url))
    salon.site = Site(salon.site.engine, create(salon.site.engine), lambda: salon.now)
    shifts = hours or {1: None, **dict.fromkeys(range(2, 8), ("09:00:00", "18:00:00"))}
    replace_all(salon.site.engine, salon.site.bookly, _rows(shifts), zone_options(zone))
    return salon


def _rows(shifts: Mapping[int, tuple[str, str] | None]) -> dict[str, list[dict[str, Any]]]:
    skills = (
        (MARIA, CUT, 1),
        (MARIA, BLOWOUT, 1),
        (MARIA, CLASS, 6),
        (MARIA, COLOUR, 1),
        (THEO, CUT, 1),
        (THEO, BLOWOUT, 1),
    )
    items = [
        {"id": staff * 10 + day, "staff_id": staff, "day_index": day,
         "start_time": span[0] if span else None, "end_time": span[1] if span else None}
        for staff in (MARIA, THEO) for day, span in shifts.items()
    ]  # fmt: skip
    return {
        "staff": [{"id": MARIA, "full_name": "Maria Lindqvist"}, {"id": THEO, "full_name": "Theo Abara"}],
        "services": [
            {"id": CUT, "title": "Haircut", "duration": 2700, "padding_right": 900, "price": 65.0},
            {"id": BLOWOUT, "title": "Blowout", "duration": 1800},
            {"id": CLASS, "title": "Class", "duration": 3600},
            {"id": COLOUR, "title": "Colour", "duration": 5400, "padding_left": 600, "padding_right": 900},
            {"id": PACKAGE, "title": "Blowout and colour", "type": "compound", "duration": 7200},
        ],
        "sub_services": [
            {"id": 1, "service_id": PACKAGE, "sub_service_id": BLOWOUT, "position": 0},
            {"id": 2, "service_id": PACKAGE, "sub_service_id": COLOUR, "position": 1},
        ],
        "staff_services": [
            {"id": n, "staff_id": staff, "service_id": service, "capacity_max": capacity}
            for n, (staff, service, capacity) in enumerate(skills, start=1)
        ],
        "staff_schedule_items": items,
        "schedule_item_breaks": [
            {"id": row["id"], "staff_schedule_item_id": row["id"], "start_time": "12:00:00", "end_time": "12:30:00"}
            for row in items if row["start_time"]
        ],
        "holidays": [{"id": 1, "staff_id": MARIA, "date": date(2020, 7, 4), "repeat_event": 1}],
    }  # fmt: skip


def cut_at(clock: str, staff: int = MARIA) -> Choice:
    """A haircut at that time."""
    return Choice(staff, CUT, at(clock))
