"""Made-up Booklys: the sample's rows with something that another salon's may have, and what is wrong in them then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.jobs.raw_bookly import CHICAGO, Row, Rows, by_id, sample_rows
from tests.jobs.truth import truth

FREE_DAY = "2027-02-03"
"""A day on which nobody of the sample is booked."""


@dataclass
class Site:
    """One Bookly: its rows, its options (None: no options table), and what its tables have not or have besides."""

    rows: Rows = field(default_factory=sample_rows)
    options: Mapping[str, str] | None = field(default_factory=lambda: dict(CHICAGO))
    prefix: str = "wp_"
    without: frozenset[str] = frozenset()
    add: Mapping[str, str] = field(default_factory=dict)

    def row(self, start: str, minutes: float | None, staff: int = 1, service: int | None = 2, **more: object) -> Row:
        """One more appointment row on the free day; `minutes` None leaves its end out."""
        begins = datetime.fromisoformat(start if "-" in start else f"{FREE_DAY} {start}")
        end = None if minutes is None else begins + timedelta(minutes=minutes)
        made: Row = {
            **dict.fromkeys(self.rows["appointments"][0]), "id": _next(self.rows["appointments"]), "staff_id": staff,
            "staff_any": 0, "service_id": service, "start_date": str(begins), "end_date": end and str(end),
            "extras_duration": 0, "created_from": "bookly", "created_at": "2026-11-01 10:00:00",
            "updated_at": "2026-11-01 10:00:00", **more,
        }  # fmt: skip
        self.rows["appointments"].append(made)
        return made

    def seat(self, row: Row, status: str = "approved", persons: int = 1, **more: object) -> Row:
        """One more customer on a row."""
        seats = self.rows["customer_appointments"]
        made = {
            **seats[0], "id": _next(seats), "appointment_id": row["id"], "status": status,
            "number_of_persons": persons, "customer_id": 1 + len(seats) % 60, **more,
        }  # fmt: skip
        seats.append(made)
        return made

    def visit(self, start: str, minutes: float | None = 30, **more: Any) -> Row:
        """A row with one customer who stands."""
        made = self.row(start, minutes, **more)
        self.seat(made)
        return made


def _next(rows: list[Row]) -> int:
    return 1 + max(int(row["id"]) for row in rows)


def as_it_is(site: Site) -> None:
    """Nothing is changed: only the way in is another."""


def another_prefix(site: Site) -> None:
    site.prefix = "wp_2_"


def without_what_older_booklys_lack(site: Site) -> None:
    site.without = frozenset({
        "payments", "holidays", "services.one_booking_per_slot", "services.type", "staff.time_zone", "staff.visibility",
        "customer_appointments.compound_token", "customers.full_name", "staff_services.location_id",
        "staff_schedule_items.location_id",
    })  # fmt: skip
    for row in site.rows["customer_appointments"]:
        row["compound_token"] = None
    by_id(site.rows["services"], 1)["one_booking_per_slot"] = 0


def with_what_newer_booklys_have(site: Site) -> None:
    site.add = {
        "appointments.is_hidden": "tinyint(1) NOT NULL DEFAULT 0",
        "customer_appointments.no_show": "tinyint(1) NOT NULL DEFAULT 0",
        "staff.pronouns": "varchar(64) NULL",
    }


def hardly_anything_filled_in(site: Site) -> None:
    for row in site.rows["customers"]:
        row.update(first_name="", last_name="", phone="", email="", full_name=f"Client {row['id']}")
    for row in site.rows["staff"]:
        row.update(email=None, phone=None, info=None)
    for row in site.rows["appointments"]:
        row.update(internal_note=None)


def statuses_of_an_add_on(site: Site) -> None:
    site.rows["custom_statuses"] = [
        {"id": 1, "slug": "arrived", "name": "Arrived", "busy": 1, "color": "#fff", "position": 1},
        {"id": 2, "slug": "no-show", "name": "No show", "busy": 0, "color": "#000", "position": 2},
    ]
    arrived = site.row("10:00", 60)
    site.seat(arrived, "arrived")
    site.visit("10:30")
    gone = site.row("14:00", 60)
    site.seat(gone, "no-show")
    site.visit("14:30")


def words_nobody_knows(site: Site) -> None:
    for status in ("done", "cancelled", "rejected", "waitlisted", "arrived", "", "?"):
        site.seat(site.row("10:00", 60), status)
    site.visit("10:00", 60)


def nobody_comes(site: Site) -> None:
    site.seat(site.row("10:00", 60), persons=0)
    site.visit("10:00", 60)


def several_on_one_row(site: Site) -> None:
    row = site.row("10:00", 60)
    site.seat(row)
    site.seat(row)
    site.seat(row, "cancelled")
    party = site.row("12:00", 60)
    site.seat(party, persons=3)
    free = site.row("14:00", 60)
    site.seat(free)
    site.seat(free, "done")


def classes_and_parties(site: Site) -> None:
    line = next(one for one in site.rows["staff_services"] if int(one["capacity_max"]) > 1)
    held = {"staff": line["staff_id"], "service": line["service_id"]}
    full = site.row("10:00", 60, **held)
    site.seat(full, persons=int(line["capacity_max"]))
    over = site.row("12:00", 60, **held)
    site.seat(over, persons=int(line["capacity_max"]))
    site.seat(over, "pending")
    waits = site.row("14:00", 60, **held)
    site.seat(waits, persons=int(line["capacity_max"]))
    site.seat(waits, "waitlisted")


def the_same_service_in_several_places(site: Site) -> None:
    plain = site.rows["staff_services"]
    plain.extend({**line, "id": 900 + n, "location_id": 1, "capacity_max": 9} for n, line in enumerate(list(plain)))
    row = site.row("10:00", 60)
    site.seat(row)
    site.seat(row)


def an_odd_client_in_a_class(site: Site) -> None:
    """Words nobody knows and nobody who comes, beside others who do: the class stands all the same."""
    line = next(one for one in site.rows["staff_services"] if int(one["capacity_max"]) > 1)
    held = {"staff": line["staff_id"], "service": line["service_id"]}
    for at, status, persons in (("10:00", "late", 1), ("14:00", "approved", 0)):
        shared = site.row(at, 60, **held)
        site.seat(shared, status, persons)
        site.seat(shared, persons=int(line["capacity_max"]) + 1)
        site.visit(at, 30, staff=line["staff_id"])


def one_booking_a_slot(site: Site) -> None:
    line = next(one for one in site.rows["staff_services"] if int(one["capacity_max"]) > 1)
    by_id(site.rows["services"], line["service_id"])["one_booking_per_slot"] = 1
    for row in list(site.rows["appointments"]):
        if row["service_id"] == line["service_id"]:
            seats = [s for s in site.rows["customer_appointments"] if s["appointment_id"] == row["id"]]
            for seat in seats[1:]:
                seat["status"] = "cancelled"
    shared = site.row("10:00", 60, staff=line["staff_id"], service=line["service_id"])
    site.seat(shared)
    site.seat(shared)


def extras_reach_the_next(site: Site) -> None:
    site.visit("10:00", 30, extras_duration=1200)
    site.visit("10:30", 30)
    site.visit("14:00", 30, extras_duration=1800)
    site.visit("15:00", 30)


def paddings_meet(site: Site) -> None:
    by_id(site.rows["services"], 4).update(padding_left=600, padding_right=900)
    for row in list(site.rows["appointments"]):
        if row["service_id"] == 4 and row["start_date"]:
            row["service_id"] = 2
    site.visit("10:00", 30, service=4)
    site.visit("10:40", 20, service=4)
    site.visit("11:25", 20, service=4)


def tasks_and_packages(site: Site) -> None:
    by_id(site.rows["services"], 8)["type"] = "package"
    for _ in range(3):
        bought = site.visit("10:00", 60, service=8)
        bought.update(start_date=None, end_date=None)
    site.visit("10:00", 60)


def without_a_sensible_end(site: Site) -> None:
    site.visit("10:00", None)
    site.visit("10:00", 0)
    site.visit("10:00", -30)
    site.visit("10:00", 30)


def blocks(site: Site) -> None:
    site.row("10:00", 60, service=None, custom_service_name="Dentist")
    site.row("10:00", 60, service=None, custom_service_name=None)
    site.visit("10:30", 15)
    site.row("2027-02-04 00:00", 3 * 24 * 60, service=None, custom_service_name="Away")
    site.visit("2027-02-05 10:00", 60)
    site.visit("2027-02-07 00:00", 60)
    site.row("2027-02-10 10:00", 60)
    site.visit("2027-02-10 10:00", 60)


def nights_on_which_the_clock_changes(site: Site) -> None:
    for day in ("2027-03-14", "2027-11-07"):
        for clock, minutes in (("00:30", 60), ("01:30", 60), ("02:30", 60), ("03:00", 30), ("01:00", 30)):
            site.visit(f"{day} {clock}", minutes)


def staff_nobody_lists(site: Site) -> None:
    site.visit("10:00", 30, staff=99)
    site.visit("10:15", 30, staff=99)
    by_id(site.rows["staff"], 5)["visibility"] = "archive"


def parts_of_one_visit(site: Site) -> None:
    for at, service in (("10:00", 2), ("10:20", 3)):
        row = site.row(at, 30, service=service)
        site.seat(row, compound_token="c" * 32, compound_service_id=9)
    site.visit("10:40", 30)
    for staff in (1, 2):
        site.seat(site.row("14:00", 30, staff=staff), collaborative_token="d" * 32)


def ids_as_large_as_they_get(site: Site) -> None:
    top = 4_294_967_295
    for number, row in enumerate((site.visit("10:00", 30), site.visit("10:15", 30))):
        for seat in site.rows["customer_appointments"]:
            if seat["appointment_id"] == row["id"]:
                seat.update(appointment_id=top - number, id=top - number)
        row["id"] = top - number


def nothing_yet(site: Site) -> None:
    for name in site.rows:
        site.rows[name] = []


def names_of_all_sorts(site: Site) -> None:
    by_id(site.rows["staff"], 5)["full_name"] = "Zoë «O'Neil» 💇 李"
    by_id(site.rows["customers"], 1)["full_name"] = "Ἀ\u0301 \\ % _ ' \" 💅"


VARIANTS: tuple[Callable[[Site], None], ...] = (
    as_it_is, another_prefix, without_what_older_booklys_lack, with_what_newer_booklys_have, hardly_anything_filled_in,
    statuses_of_an_add_on, words_nobody_knows, nobody_comes, several_on_one_row, classes_and_parties,
    an_odd_client_in_a_class, the_same_service_in_several_places, one_booking_a_slot, extras_reach_the_next,
    paddings_meet, tasks_and_packages,
    without_a_sensible_end, blocks, nights_on_which_the_clock_changes, staff_nobody_lists, parts_of_one_visit,
    ids_as_large_as_they_get, nothing_yet, names_of_all_sorts,
)  # fmt: skip


def shaken(number: int) -> Site:
    """The sample with a tenth of everything in it changed at random, the same for the same number."""
    dice, site = Random(number), Site()
    for service in site.rows["services"]:
        service.update(padding_left=dice.choice([0, 0, 300, 600]), padding_right=dice.choice([0, 0, 300, 900]))
        service["one_booking_per_slot"] = int(dice.random() < 0.1)
    for line in site.rows["staff_services"]:
        line["capacity_max"] = dice.choice([1, 1, 1, 2, int(line["capacity_max"])])
    for row in site.rows["appointments"]:
        if row["start_date"] and row["end_date"] and dice.random() < 0.3:
            _shake(row, dice)
    for seat in site.rows["customer_appointments"]:
        if dice.random() < 0.1:
            seat["status"] = dice.choice(["approved", "pending", "done", "cancelled", "rejected", "waitlisted", "late"])
        if dice.random() < 0.05 and not seat["compound_token"]:
            seat["number_of_persons"] = dice.choice([0, 2, 3])
    for row in dice.sample(site.rows["appointments"], 20):
        site.seat(row)
    return site


def _shake(row: Row, dice: Random) -> None:
    start, end = (datetime.fromisoformat(row[name]) for name in ("start_date", "end_date"))
    if dice.random() < 0.1:
        night = datetime.fromisoformat(dice.choice(["2027-03-14", "2027-11-07"]))
        start, end = night + timedelta(hours=dice.choice([0.5, 1, 1.5, 2, 3])), end - start + night
        end += start - night
    shift = timedelta(minutes=5 * dice.randint(-24, 24))
    row["start_date"] = str(start + shift)
    row["end_date"] = None if dice.random() < 0.03 else str(end + shift + timedelta(minutes=dice.choice([-60, 0, 15])))
    row["staff_id"] = dice.choice([row["staff_id"], dice.randint(1, 6)])
    row["extras_duration"] = dice.choice([0, 600, 1800])


def wrong_in(site: Site) -> set[tuple[str, tuple[int, ...]]]:
    """The clashes of a site, by looking at every two of its rows."""
    zone = (site.options or {}).get("timezone_string") or "America/Chicago"
    return truth(site.rows, ZoneInfo(zone))
