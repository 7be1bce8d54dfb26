"""What was made beside what was found, and what was found beside what the oracle sees."""

from __future__ import annotations

from collections.abc import Iterable

from practice_salon.people.untouched import Disturbance
from sync.model import Kind
from sync.store.findings import Kept
from tests.oracle.judge import Meeting, Unit, Verdict, Visit
from tests.oracle.settling import MAPPING, units

MISSING = {"bookly": Kind.MISSING_IN_SQUARE, "square": Kind.MISSING_IN_BOOKLY}
ONE_SIDED = (Kind.MISSING_IN_SQUARE, Kind.MISSING_IN_BOOKLY, Kind.DRIFT, Kind.SAME_VISIT)


def is_found_by(made: Disturbance, kept: Kept) -> bool:
    """Whether a finding tells of just this: its kind, and no unit but those concerned."""
    found = kept.finding
    if found.kind.value != made.kind:
        return False
    if found.kind in MAPPING:
        return (made.service or made.staff) in _names(kept)
    own = made.appointments if made.kind == "drift" else made.made  # a part that was cancelled is not named any more
    return bool(units(kept) & set(own)) and units(kept) <= set(made.appointments)


def follows_from(made: Disturbance, kept: Kept) -> bool:
    """What stands on one side only since it was just made there is missing on the other, and that is no invention."""
    side = made.made[0][0]
    return kept.finding.kind is MISSING[side] and units(kept) <= set(made.made)


def _names(kept: Kept) -> set[str]:
    hint = kept.finding.detail.get("suggestion")
    return {kept.finding.detail["name"], *([hint["name"]] if hint else [])}


def is_seen_in(made: Disturbance, verdict: Verdict) -> bool:
    """Whether the oracle, in its own way, sees what was made."""
    new, concerned = made.made[0], frozenset(made.appointments)
    if made.kind in ("double_booking", "padding_clash"):
        meetings = verdict.double if made.kind == "double_booking" else verdict.close
        return any(_are(meeting, new, concerned - {new}) for meeting in meetings)
    if made.kind.startswith("unmapped"):
        what, name = ("service", made.service) if made.service else ("staff", made.staff)
        return (made.side, what, name) in verdict.strangers
    if made.kind == "drift":
        return bool(concerned & (verdict.alone | {unit for visit in verdict.apart for unit in visit}))
    if made.kind == "same_visit":
        return concerned in verdict.twins
    return new in {"over_capacity": verdict.crowded, "anomaly": verdict.odd}.get(made.kind, verdict.alone)


def _are(meeting: Meeting, new: Unit, others: Visit) -> bool:
    return any(new in visit for visit in meeting) and any(visit & others and new not in visit for visit in meeting)


def disagreements(found: Iterable[Kept], verdict: Verdict) -> list[str]:
    """Where findings (open, or left on purpose) and the oracle, each in its own way, do not say the same; ids only."""
    kept = list(found)
    by_kind = {kind: [k for k in kept if k.finding.kind is kind] for kind in Kind}
    return [
        *_met("double_booking", by_kind[Kind.DOUBLE_BOOKING], verdict.double),
        *_met("padding_clash", by_kind[Kind.PADDING_CLASH], verdict.close),
        *_same("over_capacity", units(*by_kind[Kind.OVER_CAPACITY]), verdict.crowded),
        *_same("anomaly", units(*by_kind[Kind.ANOMALY]), verdict.odd),
        *_same("unmapped", {stranger for kind in MAPPING for k in by_kind[kind] for stranger in _stranger(k)},
               verdict.strangers),
        *_one_sided([k for k in kept if k.finding.kind in ONE_SIDED], verdict),
    ]  # fmt: skip


def _stranger(kept: Kept) -> list[tuple[str, str, str]]:
    """As the oracle says it, for those somebody comes to or for."""
    detail, what = kept.finding.detail, "staff" if kept.finding.kind is Kind.UNMAPPED_STAFF else "service"
    return [(detail["side"], what, detail["name"])] if detail["visits_ahead"] else []


def _same(
    name: str, told: set[tuple[str, str]] | set[tuple[str, str, str]], seen: Iterable[tuple[str, ...]]
) -> list[str]:
    mine, theirs = frozenset[tuple[str, ...]](told), frozenset(seen)
    said = [(f"{name}: only the engine sees", mine - theirs), (f"{name}: only the oracle sees", theirs - mine)]
    return [f"{text} {sorted(which)}" for text, which in said if which]


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
    seen = verdict.alone | {unit for visit in verdict.apart for unit in visit}
    told = units(*kept)
    said = [f"one side: only the oracle sees {unit}" for unit in sorted(seen - told)]
    beyond = [one for one in kept if one.finding.kind is not Kind.SAME_VISIT and not units(one) & seen]
    return said + [f"{one.finding.kind}: only the engine sees {sorted(units(one))}" for one in beyond]
