"""Somebody or something that only one calendar knows: a new colleague, a new service."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from practice_salon.bookly.door import Form
from practice_salon.people.people import People
from practice_salon.people.stage import Chair, Treat
from practice_salon.people.standing import Standing
from practice_salon.truth import Side

NAMES = ("Saskia", "Bram", "Odile", "Tomas", "Wilma", "Zeno", "Ludo", "Ragna", "Pim", "Ottilie", "Jorn", "Vesna")
SURNAMES = ("Newman", "Okoro", "Lindgren", "Castaing")
"""No two colleagues are so alike that one may be taken for the other."""
SERVICES = ("Scalp Ritual", "Fringe Trim", "Henna", "Perm", "Lash Tint", "Head Spa", "Extensions", "Brow Shape")
MINUTES = 30


def book_new_staff(
    people: People, side: Side, number: int, like: Chair, treat: Treat, start: datetime, form: Form
) -> tuple[str, Standing]:
    """Hire somebody on that side alone, who does that service, and book them; their name and the visit."""
    name = f"{NAMES[number % len(NAMES)]} {SURNAMES[number // len(NAMES) % len(SURNAMES)]}"
    if side == "bookly":
        chair = Chair(_hire_in_bookly(people, name, treat), like.square, name, frozenset({treat.bookly}))
        return name, people.books_in_office(chair, treat, start, [form])
    member = people.stage.square.act("owner", "add_team_member", name=name)["team_member"]["id"]
    return name, people.books_in_square(Chair(0, member, name, like.skills), treat, start, form)


def book_new_service(
    people: People, side: Side, number: int, chair: Chair, start: datetime, form: Form
) -> tuple[str, Standing]:
    """Put a service on that side's list alone, and book it with that person; its title and the visit."""
    title = f"{SERVICES[number % len(SERVICES)]} {number}"
    if side == "bookly":
        treat = _treat(_add_in_bookly(people, title, chair), None, title)
        return title, people.books_in_office(chair, treat, start, [form])
    able = [chair.square]
    made = people.stage.square.act("owner", "add_service", title=title, minutes=MINUTES, team_member_ids=able)
    item = made["item"]
    variation = item["item_data"]["variations"][0]["id"]
    return title, people.books_in_square(chair, _treat(0, variation, title), start, form)


def _treat(bookly: int, variation: str | None, title: str) -> Treat:
    return Treat(bookly, variation, title, MINUTES, timedelta(), timedelta(), 1)


def _hire_in_bookly(people: People, name: str, treat: Treat) -> int:
    site = people.stage.site
    with site.engine.begin() as connection:
        made = connection.execute(sa.insert(site.bookly.staff).values(full_name=name)).inserted_primary_key
        staff = int(made[0]) if made else 0
        skill = {"staff_id": staff, "service_id": treat.bookly}
        connection.execute(sa.insert(site.bookly.staff_services).values(skill))
    return staff


def _add_in_bookly(people: People, title: str, chair: Chair) -> int:
    site = people.stage.site
    row = {"title": title, "duration": MINUTES * 60}
    with site.engine.begin() as connection:
        made = connection.execute(sa.insert(site.bookly.services).values(row)).inserted_primary_key
        service = int(made[0]) if made else 0
        skill = {"staff_id": chair.bookly, "service_id": service}
        connection.execute(sa.insert(site.bookly.staff_services).values(skill))
    return service
