"""The version of the service to be booked is asked for beside the look around, and not once more before the booking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar, cast

import pytest
import sqlalchemy as sa

from practice_salon.people.standing import Standing
from sync.calendars import CalendarReader, ReadFailed
from sync.converge import House
from sync.converge.alongside import one_by_one
from sync.inbox.opening import open_crew
from sync.model import Ref, Side, Source
from sync.store import hints
from sync.store.connection import reading, writing
from sync.store.tables import intents
from tests.sync.converge.conftest import ANNA, Salon

T = TypeVar("T")


@dataclass
class Asked:
    """Square's reader, and how often it was asked for versions; with `error`, that is what comes of it."""

    inner: CalendarReader
    error: Exception | None = None
    times: int = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return cast(Callable[..., Any], getattr(self.inner, name))

    def service_versions(self, services: list[str]) -> Mapping[str, int]:
        self.times += 1
        if self.error is not None:
            raise self.error
        return self.inner.service_versions(services)


def booked(salon: Salon) -> Standing:
    treat = salon.cut()
    return salon.people.books_on_website(salon.stylists(treat)[0], treat, salon.at(11), ANNA)


def carried(house: House, visit: Standing) -> str:
    ref = Ref(Side.BOOKLY, f"ca:{visit.seats[0]}")
    with writing(house.engine) as conn:
        number = hints.put(conn, ref, Source.WEBHOOK, house.now())
    open_crew(house).work_off()
    with reading(house.engine) as conn:
        hint = hints.get(conn, number)
    assert hint is not None
    return hint.state


def sent_versions(salon: Salon) -> list[int | None]:
    with reading(salon.house.engine) as conn:
        (write,) = conn.execute(sa.select(intents.c.write)).scalars()
    return [part["service_version"] for part in write["write"]["parts"]]


@pytest.mark.parametrize(
    ("error", "kept"), [(None, True), (ReadFailed("Square gave no answer."), False)], ids=["shown", "not shown"]
)
def test_a_booking_is_made_with_it_or_asks_for_it_itself(salon: Salon, error: Exception | None, kept: bool) -> None:
    asked = Asked(salon.house.readers[Side.SQUARE], error)
    readers = {**salon.house.readers, Side.SQUARE: cast(CalendarReader, asked)}
    assert carried(replace(salon.house, readers=readers), booked(salon)) == "applied"
    assert asked.times == 1
    assert [version is not None for version in sent_versions(salon)] == [kept]
    assert len(salon.bookings()) == 1


def test_square_is_asked_for_both_while_bookly_is_read(salon: Salon) -> None:
    begun: list[str] = []

    class Noting:
        def __call__(self, read: Callable[[], T], /) -> Callable[[], T]:
            begun.append(cast("partial[object]", read).func.__name__)
            return one_by_one(read)

    assert carried(replace(salon.house, alongside=Noting()), booked(salon)) == "applied"
    assert {"service_versions", "around"} <= set(begun)
