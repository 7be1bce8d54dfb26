"""What a plan changes on each side, and who hears of it, before it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sync.model import Appointment, Client, Plan, Ref, Side, Step, StepKind
from sync.wording.names import capital, clients, service, together
from sync.wording.scene import Scene
from sync.wording.times import clock, day, stretch, when


def what_changes_in(plan: Plan, side: Side, scene: Scene) -> tuple[str, ...]:
    """A sentence a change on one side, in the order it is done; one saying so when nothing changes there."""
    said = tuple(dict.fromkeys(step_words(step, scene) for step in plan.steps if step.side is side and step.write))
    return said or ("Nothing changes.",)


def changed(steps: Iterable[Step], scene: Scene) -> str:
    """What these steps changed or would change: "In Bookly nothing changes. In Square: Sam Ito goes from ...". Steps
    that write nowhere are said without naming a calendar."""
    steps = tuple(steps)
    inside = dict.fromkeys(step_words(step, scene) for step in steps if not step.write)
    if not any(step.write for step in steps):
        return " ".join(inside)
    return " ".join((*inside, *(_on_side(side, steps, scene) for side in Side)))


def _on_side(side: Side, steps: tuple[Step, ...], scene: Scene) -> str:
    said = dict.fromkeys(step_words(step, scene) for step in steps if step.side is side and step.write)
    return f"In {side.brand}: {' '.join(said)}" if said else f"In {side.brand} nothing changes."


def what_is_kept(plan: Plan, scene: Scene) -> tuple[str, ...]:
    """What the plan does without writing to either calendar."""
    return tuple(dict.fromkeys(step_words(step, scene) for step in plan.steps if not step.write))


def who_hears(plan: Plan) -> tuple[str, ...]:
    """Who is told of it by a calendar, as far as anybody knows, and whom the salon should call."""
    said = heard_from(plan.steps)
    if not said:
        return ("Nobody hears of it: no calendar is changed.",)
    to_call = clients_to_tell(plan)
    return (*said, f"Please call {together(to_call)}.") if to_call else said


def heard_from(steps: Iterable[Step]) -> tuple[str, ...]:
    """What each calendar that is written says to clients of it, as far as anybody knows."""
    written = [step for step in steps if step.write]
    return tuple(said for side in Side if (said := _from(side, [s for s in written if s.side is side])))


def clients_to_tell(plan: Plan) -> tuple[str, ...]:
    """The clients, each by name, who should hear of it from the salon."""
    return tuple(dict.fromkeys(client.name for client in to_tell(plan.steps, plan.tell) if client.name))


def to_tell(steps: Iterable[Step], tell: Iterable[Ref]) -> tuple[Client, ...]:
    """The clients of the visits `tell`, as the steps know them, each once, with the number to call."""
    wanted = set(tell)
    visits = (step.before or step.after for step in steps if step.ref in wanted and not step.projection)
    return tuple(dict.fromkeys(client for visit in visits if visit for client in visit.clients))


def _from(side: Side, steps: list[Step]) -> str:
    if not steps:
        return ""
    if side is Side.BOOKLY:
        return "Bookly sends nothing to anybody for a change made here."
    names = together(name for step in steps for name in _named(step))
    return f"Square may write to {names or 'the client'}: not known."


def _named(step: Step) -> Iterable[str]:
    visit = step.after or step.before
    return (client.name for client in visit.clients) if visit else ()


# --- one sentence a step ------------------------------------------------------------------------------------------


def step_words(step: Step, scene: Scene) -> str:
    """What one step does: "Sam Ito's ... goes from Mia to Theo, today 14:00 as before."."""
    return f"{capital(_STEPS[step.kind](step, scene))}."


def _thing(step: Step, visit: Appointment | None) -> str:
    """What is changed: the client's own visit, or what was put there to keep the time."""
    if visit is None:
        return "the visit"
    if step.projection:
        kind = "the blocked time" if step.side is Side.BOOKLY else "the booking"
        return f"{kind} for {_without_kind(visit)}"
    what = service(visit)
    return f"{clients(visit)}, {what}," if what and what not in clients(visit) else f"{clients(visit)}"


def _without_kind(visit: Appointment) -> str:
    named = together(client.name for client in visit.clients)
    return named or visit.label.removeprefix("Square · ") or service(visit) or "this visit"


def _staff(visit: Appointment, scene: Scene) -> str:
    return together(scene.name_on(visit.ref.side, part.span.staff) for part in visit.parts)


def _at(visit: Appointment, scene: Scene) -> str:
    times = stretch(visit.start, visit.end, scene.zone)
    return f"{_staff(visit, scene)}, {day(visit.start, scene.now, scene.zone)} {times}"


def _placed(step: Step, scene: Scene) -> str:
    kind = "a blocked time is put in" if step.side is Side.BOOKLY else "a booking is made"
    visit = step.after
    return f"{kind} for {_without_kind(visit)}: {_at(visit, scene)}" if visit else kind


def _placed_again(step: Step, scene: Scene) -> str:
    return f"{_placed(step, scene)}; the cancelled one cannot be brought back"


def _moved(step: Step, scene: Scene) -> str:
    before, after = step.before, step.after
    if before is None or after is None:
        return f"{_thing(step, after)} is moved"
    thing = _thing(step, before)
    from_staff, to_staff = _staff(before, scene), _staff(after, scene)
    if before.start == after.start:
        return f"{thing} goes from {from_staff} to {to_staff}, {when(after.start, scene.now, scene.zone)} as before"
    times = f"from {when(before.start, scene.now, scene.zone)} to {_new_time(before, after, scene)}"
    if from_staff == to_staff:
        return f"{thing} moves {times}, with {to_staff} as before"
    return f"{thing} moves {times} and goes from {from_staff} to {to_staff}"


def _new_time(before: Appointment, after: Appointment, scene: Scene) -> str:
    days = [day(visit.start, scene.now, scene.zone) for visit in (before, after)]
    return clock(after.start, scene.zone) if days[0] == days[1] else when(after.start, scene.now, scene.zone)


def _cancelled(step: Step, scene: Scene) -> str:
    visit = step.before
    return (
        f"{_thing(step, visit).rstrip(',')}, is cancelled: {_at(visit, scene)}" if visit else "the visit is cancelled"
    )


def _withdrawn(step: Step, scene: Scene) -> str:
    visit = step.before
    return f"{_thing(step, visit)} is taken away: {_at(visit, scene)}" if visit else "what was put there is taken away"


def _reinstated(step: Step, scene: Scene) -> str:
    visit = step.after or step.before
    return (
        f"{_thing(step, visit).rstrip(',')}, stands again: {_at(visit, scene)}" if visit else "the visit stands again"
    )


def _linked(step: Step, scene: Scene) -> str:
    visit = step.before or step.after
    about = f"{clients(visit)}, {when(visit.start, scene.now, scene.zone)}: " if visit else ""
    return f"{about}the two entries are taken as one visit from now on"


def _unlinked(_step: Step, _scene: Scene) -> str:
    return "the two entries are taken as two visits again"


def _reopened(_step: Step, _scene: Scene) -> str:
    return "the question is open again"


def _left(_step: Step, _scene: Scene) -> str:
    return "everything stays as it is; you are asked again if one of the visits changes"


def _accepted(_step: Step, _scene: Scene) -> str:
    return "what the calendars show now is taken as right"


_STEPS: dict[StepKind, Callable[[Step, Scene], str]] = {
    StepKind.PLACE: _placed,
    StepKind.MOVE: _moved,
    StepKind.CANCEL: _cancelled,
    StepKind.WITHDRAW: _withdrawn,
    StepKind.REINSTATE: _reinstated,
    StepKind.PLACE_AGAIN: _placed_again,
    StepKind.REOPEN: _reopened,
    StepKind.LINK: _linked,
    StepKind.UNLINK: _unlinked,
    StepKind.LEAVE: _left,
    StepKind.ACCEPT: _accepted,
}
