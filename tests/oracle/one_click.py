"""What a click did, from what stood before it and after it: what it was asked for, and to nobody else. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sync.model import Choice, ChoiceKind, Finding
from tests.oracle.judge import Visit
from tests.oracle.raw import Calendars, Taken

ACTS = (ChoiceKind.OTHER_STYLIST, ChoiceKind.OTHER_TIME, ChoiceKind.CANCEL)


@dataclass(frozen=True, slots=True)
class Asked:
    """A choice that was carried out for a finding; `twins` are the visits that stood on both sides before."""

    choice: Choice
    finding: Finding
    twins: Iterable[Visit]


def misdone(asked: Asked, before: Calendars, after: Calendars) -> list[str]:
    """Where it did something else than it was asked for; ids only. What it took away or changed is no more as it was:
    of the client it names, on each side; of a difference, on the side that is not right; else nowhere."""
    gone = [one for one in before.taken if one not in after.taken]
    if asked.choice.kind in ACTS:
        mine = _of_the_client(asked, before)
        who, names = frozenset().union(*(one.who for one in mine)), {one.named for one in mine if one.named}
        strange = [one for one in gone if not (one.who & who or any(name in one.named for name in names))]
        return _said(asked, "left as it was", [one for one in mine if one not in gone]) + _said(asked, "took", strange)
    right = asked.choice.side.value if asked.choice.kind is ChoiceKind.TAKE_SIDE and asked.choice.side else ""
    return _said(asked, "took", [one for one in gone if one.side == right or not right])


def _of_the_client(asked: Asked, before: Calendars) -> list[Taken]:
    """What both sides have of the visit that the choice names, without the others on the same row."""
    told = next((v for v in asked.finding.detail["visits"] if v["ref"] == str(asked.choice.ref)), None)
    if told is None:  # a projection stands for it in the finding: who it is about is not told there
        return []
    own = (told["side"], told["unit"])
    here = [one for one in before.taken if (one.side, one.unit) == own and one.named in told["clients"]]
    who, names = frozenset().union(*(one.who for one in here)), {one.named for one in here}
    units = {unit for twin in asked.twins if own in twin for unit in twin} - {own}
    there = [one for one in before.taken if (one.side, one.unit) in units]
    return [*here, *(one for one in there if one.who & who or any(name in one.named for name in names))]


def _said(asked: Asked, what: str, which: Iterable[Taken]) -> list[str]:
    return [f"{asked.choice.kind} of {asked.choice.ref} {what}: {one.side} {one.unit}" for one in which]
