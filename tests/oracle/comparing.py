"""What was made beside what was found, and what was found beside what the oracle sees."""

from __future__ import annotations

from collections.abc import Iterable

from practice_salon.people.disturb import Disturbance
from sync.model import Kind
from sync.store.findings import Kept
from tests.oracle.judge import Meeting, Unit, Verdict
from tests.oracle.settling import units

MISSING = {"bookly": Kind.MISSING_IN_SQUARE, "square": Kind.MISSING_IN_BOOKLY}
ONE_SIDED = (Kind.MISSING_IN_SQUARE, Kind.MISSING_IN_BOOKLY, Kind.DRIFT, Kind.SAME_VISIT)


def is_found_by(made: Disturbance, kept: Kept) -> bool:
    """Whether a finding tells of just this: its kind, and no unit but those concerned."""
    found = kept.finding
    if made.kind == "unmapped_staff":
        return found.kind is Kind.UNMAPPED_STAFF and made.staff in _names(kept)
    if made.kind == "unmapped_service":
        return found.kind is Kind.UNMAPPED_SERVICE and made.service in _names(kept)
    if not (units(kept) & set(made.made) and units(kept) <= _concerned(made)):
        return False
    if made.how == "block deleted":
        # The pair is known, and one end of it is gone: the engine's word for that is drift.
        return found.kind in (Kind.DRIFT, Kind.MISSING_IN_BOOKLY)
    return found.kind.value == made.kind


def follows_from(made: Disturbance, kept: Kept) -> bool:
    """What stands on one side only since it was just made there is missing on the other, and that is no invention."""
    side = made.made[0][0]
    return kept.finding.kind is MISSING[side] and units(kept) <= set(made.made)


def _concerned(made: Disturbance) -> set[Unit]:
    return {(side, unit) for side, unit in made.appointments}


def _names(kept: Kept) -> set[str]:
    hint = kept.finding.detail.get("suggestion")
    return {kept.finding.detail["name"], *([hint["name"]] if hint else [])}


def disagreements(found: Iterable[Kept], verdict: Verdict) -> list[str]:
    """Where findings and the oracle, each in its own way, do not say the same; ids only."""
    kept = list(found)
    said = [
        *_met("double_booking", [k for k in kept if k.finding.kind is Kind.DOUBLE_BOOKING], verdict.double),
        *_met("padding_clash", [k for k in kept if k.finding.kind is Kind.PADDING_CLASH], verdict.close),
    ]
    crowded = units(*(k for k in kept if k.finding.kind is Kind.OVER_CAPACITY))
    if crowded != verdict.crowded:
        said.append(f"over_capacity: engine {sorted(crowded)}, oracle {sorted(verdict.crowded)}")
    return [*said, *_one_sided([k for k in kept if k.finding.kind in ONE_SIDED], verdict)]


def _met(name: str, kept: list[Kept], meetings: frozenset[Meeting]) -> list[str]:
    unmet = set(meetings)
    said = []
    for one in kept:
        meeting = next((m for m in unmet if all(units(one) & visit for visit in m)), None)
        if meeting is None:
            said.append(f"{name}: only the engine sees {sorted(units(one))}")
        else:
            unmet.discard(meeting)
    return said + [f"{name}: only the oracle sees {sorted(map(sorted, meeting))}" for meeting in unmet]


def _one_sided(kept: list[Kept], verdict: Verdict) -> list[str]:
    apart = {unit for visit in verdict.apart for unit in visit}
    seen = verdict.alone | apart
    told = units(*kept)
    said = [f"one side: only the oracle sees {unit}" for unit in sorted(seen - told)]
    beyond = [one for one in kept if one.finding.kind is not Kind.SAME_VISIT and not units(one) & seen]
    return said + [f"{one.finding.kind}: only the engine sees {sorted(units(one))}" for one in beyond]
