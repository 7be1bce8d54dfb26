"""Made-up findings, plans and outcomes for the sentences: everybody here is invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sync.decide.choices import choices
from sync.decide.plan import plan
from sync.model import Board, Choice, DoneStep, Finding, Kind, Outcome, Pair, Partner, Plan, Side
from tests.dashboard.small_store import Shop, busy_day

ODD = ("service_without_client", "no_end", "not_positive_length", "unknown_status", "calendar_small", "vanished",
       "stray_mark", "no_persons", "no_staff", "a word nobody knows")  # fmt: skip


def salon_of_every_kind() -> Shop:
    """A shop with one finding of every kind, near and far, past and coming."""
    shop = busy_day()
    book = shop.book
    shop.clash(
        book(Side.BOOKLY, 4, "09:30", "Old Client", 2, days=-1), book(Side.SQUARE, 4, "09:45", "Elder", 2, days=-1)
    )
    pair = book(Side.BOOKLY, 1, "10:00", "Ava Garcia", days=3), book(Side.SQUARE, 1, "10:05", "Ava García", days=3)
    shop.find(Kind.SAME_VISIT, *pair, likely=True, by="phone", differs=["time", "name"])
    shop.find(Kind.SAME_VISIT, *pair, likely=False, by="block", differs=[])
    here, there = book(Side.BOOKLY, 3, "12:00", "Ida Lowe", days=1), book(Side.SQUARE, 3, "13:00", "Ida Lowe", days=1)
    shop.find(Kind.DRIFT, here, there, differs=["time", "staff", "standing", "client", "service"])
    shop.find(Kind.OVER_CAPACITY, book(Side.BOOKLY, 4, "15:00", "Max + Rio + Kit", 2, days=1), persons=3, capacity=2)
    shop.find(Kind.MISSING_IN_BOOKLY, book(Side.SQUARE, 6, "15:00", "", 2, days=20))
    shop.find(Kind.PADDING_CLASH, here, book(Side.BOOKLY, 3, "12:45", "Bo Finch", days=1), minutes=15)
    shop.ask_who(Kind.UNMAPPED_STAFF, Side.SQUARE, "TM9", "Zadie Quist")
    shop.ask_who(Kind.UNMAPPED_SERVICE, Side.BOOKLY, "9", "Beard Trim")
    for what in ODD:
        shop.find(Kind.ANOMALY, here, what=what, side="bookly")
    return shop


def board_of(shop: Shop) -> Board:
    """The shop's board; the drifting couple is a pair."""
    drift = next(finding for finding in shop.findings if finding.kind is Kind.DRIFT)
    refs = [ref for concerned in drift.concerned for ref in concerned.refs]
    known = {a.ref: a for a in shop.appointments}
    pair = Pair(1, Side.BOOKLY, 0, tuple(Partner(ref, True, known[ref]) for ref in refs))
    board = shop.board()
    return Board(
        now=board.now, timezone=board.timezone, people=board.people, services=board.services,
        service_map=board.service_map, appointments=board.appointments, pairs=(pair,),
    )  # fmt: skip


def every_choice(shop: Shop, board: Board) -> Iterator[tuple[Finding, Choice, Plan]]:
    """Every choice of every finding, with its plan."""
    for finding in shop.findings:
        for choice in choices(finding, board):
            yield finding, choice, plan(choice, finding, board)


def every_outcome(planned: Plan) -> Iterator[Outcome]:
    """A plan carried out, half carried out, refused and only watched."""
    done = tuple(DoneStep(step, step.ref, step.after) for step in planned.steps)
    yield Outcome("done", done=done, tell=planned.tell)
    yield Outcome(
        "half", done=done[:1], left=planned.steps[1:], error="Square did not answer in time.", tell=planned.tell
    )
    yield Outcome("half", left=planned.steps, error="Square did not answer in time.")
    yield Outcome("would", left=planned.steps)
    yield Outcome("refused", word="taken")


def at(clock: str, days: int = 0) -> datetime:
    """A moment of the salon's day (Chicago, winter time, 20 November 2026) in UTC."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, 20, tzinfo=UTC) + timedelta(days=days, hours=hour + 6, minutes=minute)
