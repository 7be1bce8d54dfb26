"""How it came to what a person is asked: what was booked where, both sides read, and the card that there is then."""

from __future__ import annotations

from collections.abc import Callable

from practice_salon.people.stage import Chair
from practice_salon.people.standing import Standing
from sync.model import Choice, ChoiceKind, Kind, Side
from sync.store.findings import Kept
from tests.sync.converge.conftest import ANNA, BEN, Salon


def only(salon: Salon, kind: Kind) -> Kept:
    """The one open finding of its kind."""
    (kept,) = salon.found(kind)
    return kept


def meeting(salon: Salon) -> tuple[Standing, Standing]:
    """Anna on the website and Ben in Square, a quarter of an hour apart with one stylist; both are read."""
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    anna = salon.people.books_on_website(chair, treat, salon.at(11), ANNA)
    ben = salon.people.books_in_square(chair, treat, salon.at(11, 15), BEN)
    salon.pull()
    return anna, ben


def clash(salon: Salon) -> Kept:
    """The card of that; each is known to be missing on the other side, too."""
    meeting(salon)
    salon.pull()
    return only(salon, Kind.DOUBLE_BOOKING)


def shown_clash(salon: Salon) -> Kept:
    """The same once both are shown in both calendars."""
    kept = clash(salon)
    assert salon.click(kept, salon.first(kept, ChoiceKind.SHOW_BOTH)).state == "done"
    salon.pull()
    return only(salon, Kind.DOUBLE_BOOKING)


def website_visit(salon: Salon) -> tuple[Standing, Kept]:
    """Anna on the website, whom Square does not know."""
    treat = salon.cut()
    anna = salon.people.books_on_website(salon.stylists(treat)[0], treat, salon.at(11), ANNA)
    salon.pull()
    return anna, only(salon, Kind.MISSING_IN_SQUARE)


def square_visit(salon: Salon) -> tuple[Standing, Kept]:
    """Ben in Square, whom Bookly does not know."""
    treat = salon.cut()
    ben = salon.people.books_in_square(salon.stylists(treat)[0], treat, salon.at(11), BEN)
    salon.pull()
    salon.pull()
    return ben, only(salon, Kind.MISSING_IN_BOOKLY)


def sent(salon: Salon, visit: tuple[Standing, Kept]) -> Standing:
    """The visit once it was put across."""
    standing, kept = visit
    assert salon.click(kept, salon.first(kept, ChoiceKind.SEND_ACROSS)).state == "done"
    return standing


def twins(salon: Salon) -> Kept:
    """Anna in both calendars by hand, five minutes apart."""
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    salon.people.books_on_website(chair, treat, salon.at(11), ANNA)
    salon.people.books_in_square(chair, treat, salon.at(11, 5), ANNA)
    salon.pull()
    return only(salon, Kind.SAME_VISIT)


def apart(salon: Salon) -> Kept:
    """Anna stands in both calendars, then is moved on the website's."""
    anna = sent(salon, website_visit(salon))
    return _drifted(salon, lambda: salon.people.moves_in_office(anna, salon.at(14)))


def called_off_on_the_website(salon: Salon) -> Kept:
    """Anna stands in both calendars, then is cancelled on the website's."""
    anna = sent(salon, website_visit(salon))
    return _drifted(salon, lambda: salon.people.cancels_in_office(anna))


def called_off_in_square(salon: Salon) -> Kept:
    """Ben stands in both calendars, then is cancelled in Square."""
    ben = sent(salon, square_visit(salon))
    return _drifted(salon, lambda: salon.people.cancels_in_square(ben))


def _drifted(salon: Salon, act: Callable[[], object]) -> Kept:
    act()
    salon.pull()
    return only(salon, Kind.DRIFT)


def asked(salon: Salon, kept: Kept, kind: ChoiceKind, side: Side | None = None, who: str = "Dana") -> int:
    """Somebody takes the first way of that kind: the request, not carried yet."""
    return salon.ask(kept, salon.first(kept, kind, side), who)


def stylist(salon: Salon, choice: Choice) -> Chair:
    """Whom a choice gives a visit to."""
    return next(chair for chair in salon.people.stage.chairs if f"bookly:{chair.bookly}" == choice.person)


def units(kept: Kept) -> set[tuple[str, str]]:
    return {(concerned.side.value, concerned.unit) for concerned in kept.finding.concerned}
