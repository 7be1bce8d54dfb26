"""What may be concluded from what Square does not offer, held against a salon whose blocks are known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from sync.decide.blocked import Openings, Stretch, is_blocked, left_open, usual_starts
from sync.model.holds import BookingRules, Offer

DAY = datetime(2026, 11, 24, tzinfo=UTC)
NOW = DAY - timedelta(days=2)
OPEN = BookingRules(is_open=True, lead=timedelta(), furthest=timedelta(days=365), capped=False)


def at(minute: int) -> datetime:
    return DAY + timedelta(minutes=minute)


@dataclass
class Square:
    """What Square keeps to itself: opening minutes, blocks, bookings; a service of `length`, starts every `step`."""

    opens: int = 540
    closes: int = 1020
    length: int = 60
    step: int = 15
    blocks: list[tuple[int, int]] = field(default_factory=list)
    bookings: list[tuple[int, int]] = field(default_factory=list)

    def openings(self, rules: BookingRules | None = OPEN, soonest: int = 0) -> Openings:
        """What it offers on the day from minute `soonest` on, and would if nothing stood in the way."""
        usual = range(self.opens, self.closes - self.length + 1, self.step)
        offered = [m for m in usual if m >= soonest and self._is_free(m)]
        offers = tuple(Offer(at(m), at(m + self.length)) for m in offered)
        return Openings(timedelta(minutes=self.length), offers, tuple(map(at, usual)), rules)

    @property
    def busy(self) -> tuple[Stretch, ...]:
        return tuple((at(start), at(end)) for start, end in self.bookings)

    def says(self, start: int, end: int, rules: BookingRules | None = OPEN, soonest: int = 0) -> bool:
        return is_blocked(at(start), at(end), self.openings(rules, soonest), self.busy, NOW, timedelta())

    def _is_free(self, start: int) -> bool:
        return not any(s < start + self.length and start < e for s, e in [*self.blocks, *self.bookings])


STRETCHES = st.tuples(st.integers(36, 66), st.integers(1, 12)).map(lambda t: (t[0] * 15, (t[0] + t[1]) * 15))


@given(st.lists(STRETCHES, max_size=4), st.integers(30, 80), st.integers(1, 12))
def test_without_a_block_nothing_is_ever_called_blocked(
    bookings: list[tuple[int, int]], start: int, length: int
) -> None:
    """Bookings, closing time and what lies outside it explain all."""
    assert not Square(bookings=bookings).says(start * 15, (start + length) * 15)


@given(st.integers(540, 945), st.integers(0, 60), st.integers(0, 60))
def test_a_time_that_lies_within_a_block_is_called_blocked_wherever_it_starts(
    start: int, before: int, behind: int
) -> None:
    assert Square(blocks=[(start - before - 15, start + 60 + behind + 15)]).says(start, start + 60)


@given(STRETCHES, st.integers(36, 64), st.integers(4, 8))
def test_on_squares_own_raster_a_block_is_found_exactly_where_it_is(
    block: tuple[int, int], quarter: int, quarters: int
) -> None:
    start, end = quarter * 15, (quarter + quarters) * 15
    assume(end <= 1020)
    assert Square(blocks=[block]).says(start, end) == (block[0] < end and start < block[1])


def test_a_block_before_or_behind_the_wanted_time_is_no_concern_of_it() -> None:
    salon = Square(blocks=[(600, 660)])
    assert [salon.says(start, start + 60) for start in (540, 585, 600, 645, 660)] == [False, True, True, True, False]
    assert not Square(blocks=[(675, 720)]).says(607, 667)


def test_a_start_between_two_that_are_hidden_is_hidden_too() -> None:
    assert Square(blocks=[(540, 720)]).says(607, 667)


def test_a_time_shorter_than_the_service_that_hides_is_not_blamed_for_what_comes_behind_it() -> None:
    assert not Square(bookings=[(540, 600)], blocks=[(630, 720)]).says(600, 630)
    assert Square(bookings=[(540, 600)], blocks=[(630, 720)]).says(600, 660)


def test_a_booking_that_explains_it_is_no_block() -> None:
    assert not Square(bookings=[(600, 660)]).says(600, 660)
    assert Square(bookings=[(600, 615)], blocks=[(615, 700)]).says(620, 690)


def test_neither_lead_time_nor_the_end_of_planning_nor_a_closed_site_is_a_block() -> None:
    day_off = Square(blocks=[(0, 1440)])
    assert day_off.says(600, 660)
    assert not day_off.says(600, 660, replace(OPEN, lead=timedelta(days=4)))
    assert not day_off.says(600, 660, replace(OPEN, furthest=timedelta(days=1)))
    assert not day_off.says(600, 660, replace(OPEN, lead=None))
    assert not day_off.says(600, 660, replace(OPEN, is_open=False))
    assert not day_off.says(600, 660, None)


def test_a_limit_a_day_makes_a_day_without_offers_say_nothing_and_one_with_some_speak() -> None:
    capped = replace(OPEN, capped=True)
    assert not Square(blocks=[(0, 1440)]).says(600, 660, capped)
    assert Square(blocks=[(600, 660)]).says(600, 660, capped)


def test_hours_nobody_is_ever_offered_in_say_nothing() -> None:
    assert not Square(opens=600).says(480, 540)
    assert not Square(closes=960).says(960, 1020)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10)), max_size=6), st.integers(0, 40), st.integers(1, 20))
def test_what_is_left_open_is_what_no_offer_covers(offers: list[tuple[int, int]], start: int, length: int) -> None:
    found = left_open(at(start), at(start + length), [Offer(at(s), at(s + n)) for s, n in offers])
    covered = {m for s, n in offers for m in range(s, s + n)}
    open_minutes = {m for a, b in found for m in range(start, start + length) if a <= at(m) < b}
    assert open_minutes == set(range(start, start + length)) - covered


def test_the_usual_starts_of_a_day_go_by_its_weekday_and_the_local_clock() -> None:
    """Chicago's clocks go back on 1 November 2026: ten o'clock is another moment before and after."""
    zone = ZoneInfo("America/Chicago")
    week_before = datetime(2026, 10, 27, 10, 0, tzinfo=zone)
    monday = datetime(2026, 11, 2, 11, 0, tzinfo=zone)
    wanted = datetime(2026, 11, 3, 14, 0, tzinfo=zone)
    offers = [Offer(moment.astimezone(UTC), moment.astimezone(UTC)) for moment in (week_before, monday, wanted)]
    assert usual_starts(offers, wanted, zone) == (datetime(2026, 11, 3, 10, 0, tzinfo=zone).astimezone(UTC),)
