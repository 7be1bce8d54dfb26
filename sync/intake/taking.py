"""Taking deliveries in: one transaction keeps what many of them say, and lists them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from sync.intake.news import Booking, Changed, Merged, News, Other, Reason, Refused, Revoked
from sync.model import Ref, Side, Source
from sync.store import deliveries, mapping, mirror, runs
from sync.store.deliveries import TAKEN, Delivery
from sync.store.told import Told, put_all
from sync.wording.sides import ACCESS_TAKEN_AWAY

ACCESS = "SQUARE_ACCESS_TOKEN"


@dataclass(frozen=True, slots=True)
class Came:
    """A delivery as it came in: at (seconds since 1970, UTC), and the same moment on the clock that never goes back."""

    side: Side
    at: float
    began: float
    retry_number: int = 0
    retry_reason: str = ""

    def refused(self, refused: Refused) -> Delivery:
        """Its line in the list when it is not taken."""
        return self._line(refused.status, refused.reason, refused.event_id)

    def taken(self, news: News, reason: Reason) -> Delivery:
        """Its line when it is."""
        source_at = news.at.timestamp() if news.at else None
        return self._line(TAKEN, reason, news.event_id, _about(news), source_at)

    def _line(
        self, status: int, reason: Reason, event_id: str, key: str = "", source_at: float | None = None
    ) -> Delivery:
        ms = (time.perf_counter() - self.began) * 1000
        return Delivery(
            self.side, self.at, status, reason, ms, event_id, key, self.retry_number, self.retry_reason, source_at
        )


def take(conn: Connection, arrived: Sequence[tuple[Came, News]]) -> list[Reason]:
    """Keep what each says, in the order they came, and list it. What was taken before is a duplicate, also when the
    first of both is among these. Returns the reason of each."""
    known = {side: deliveries.known_among(conn, side, _events(arrived, side)) for side in Side}
    reasons: list[Reason] = []
    told: list[Told] = []
    for came, news in arrived:
        seen = known[came.side]
        reasons.append(Reason.DUPLICATE if news.event_id in seen else _keep(conn, news, came.at, told))
        seen.add(news.event_id)
    put_all(conn, told)
    deliveries.note(conn, [came.taken(news, why) for (came, news), why in zip(arrived, reasons, strict=True)])
    return reasons


def _events(arrived: Iterable[tuple[Came, News]], side: Side) -> list[str]:
    return [news.event_id for came, news in arrived if came.side is side]


def _keep(conn: Connection, news: News, now: float, told: list[Told]) -> Reason:
    """Do what follows from it; hints are left in `told`."""
    changed_at = news.at.timestamp() if news.at else None
    match news.subject:
        case Booking(id=key, version=version):
            told.append(Told(Ref(Side.SQUARE, key), Source.WEBHOOK, now, changed_at, version))
            return Reason.KEPT
        case Changed() as changed:
            told += [Told(ref, Source.WEBHOOK, now, changed_at) for ref in sorted(refs_of(conn, changed))]
            return Reason.KEPT
        case Merged(former=former, into=into):
            mapping.follow_merge(conn, former, into, now)
            return Reason.MERGED
        case Revoked(at=at):
            _side_fails(conn, at, now)
            return Reason.REVOKED
        case Other(ours=ours):
            return Reason.NAMES_NOTHING if ours else Reason.OTHER_EVENT


def refs_of(conn: Connection, changed: Changed) -> set[Ref]:
    """Which appointments these ids of Bookly's may be.

    What is known on a row is meant (a class, a block, each client on it, a compound service). A line may besides be
    somebody new: by itself, or with others as the parts of one compound service. A row that nobody knows and that comes
    without any line is a block, or staff's own.
    """
    rows = {row: mirror.refs_on(conn, [(Side.BOOKLY, str(row))]) for row in changed.rows}
    found = set[Ref]().union(*rows.values())
    found |= {Ref(Side.BOOKLY, f"ca:{line}") for line in changed.lines}
    unknown = [row for row, refs in rows.items() if not refs]
    if not changed.lines:
        found |= {Ref(Side.BOOKLY, f"row:{row}") for row in unknown}
    elif len(unknown) > 1 and len(changed.lines) > 1:
        found.add(Ref(Side.BOOKLY, f"compound:{min(changed.lines)}"))
    return found


def _side_fails(conn: Connection, at: datetime | None, now: float) -> None:
    """Unless Square was read whole after that: then access was given again meanwhile."""
    moment = datetime.fromtimestamp(now, UTC)
    read = runs.side_read(conn, Side.SQUARE)
    if at and read and read.whole_began_at and read.whole_began_at > at:
        return
    runs.read_failed(conn, Side.SQUARE, ACCESS_TAKEN_AWAY, ACCESS, moment)


def _about(news: News) -> str:
    """One word for the list: whom it is about, else which event it was."""
    match news.subject:
        case Booking(id=key) | Merged(into=key) | Other(type=key):
            return key
        case Changed(rows=rows, lines=lines):
            named = [f"row:{row}" for row in rows[:1]] or [f"ca:{line}" for line in lines[:1]]
            return "".join(named)
        case Revoked():
            return ""


def retries(headers: Mapping[str, str], number: str, reason: str) -> tuple[int, str]:
    """Which retry it is and why, as the sender's headers of those names say; 0 and "" for a first try."""
    text = headers.get(number, "")
    return int(text) if text.isdecimal() and len(text) < 6 else 0, headers.get(reason, "")[:40]
