"""The words of the house as types: sides, appointments, spans, people, findings, writes, choices, plans.

Every time is an aware datetime in UTC. Every interval is half open: it holds its start and not its end.
Nothing here reads a clock, a database or a network.
"""

from sync.model.appointments import (
    OWN_TIME,
    Appointment,
    Client,
    Directory,
    Part,
    Problem,
    Ref,
    Service,
    Side,
    Snapshot,
    Span,
    StaffMember,
    Standing,
    Window,
    appointment_from,
)
from sync.model.breakers import CLOSED, Breaker, BreakerState, Fault
from sync.model.findings import CHAIR, TIMELESS, Concerned, Finding, Kind, Pair, Partner
from sync.model.hints import End, Source
from sync.model.people import people
from sync.model.plain import digest, plain
from sync.model.plans import (
    Board,
    Choice,
    ChoiceKind,
    DoneStep,
    LeaveReason,
    Outcome,
    Person,
    Plan,
    Step,
    StepKind,
    choice_from,
)
from sync.model.polled import Event, Polled
from sync.model.writes import Cancel, Move, Place, PlacedPart, Reinstate, Withdraw, Write, Written

__all__ = [
    "CHAIR",
    "CLOSED",
    "OWN_TIME",
    "TIMELESS",
    "Appointment",
    "Board",
    "Breaker",
    "BreakerState",
    "Cancel",
    "Choice",
    "ChoiceKind",
    "Client",
    "Concerned",
    "Directory",
    "DoneStep",
    "End",
    "Event",
    "Fault",
    "Finding",
    "Kind",
    "LeaveReason",
    "Move",
    "Outcome",
    "Pair",
    "Part",
    "Partner",
    "Person",
    "Place",
    "PlacedPart",
    "Plan",
    "Polled",
    "Problem",
    "Ref",
    "Reinstate",
    "Service",
    "Side",
    "Snapshot",
    "Source",
    "Span",
    "StaffMember",
    "Standing",
    "Step",
    "StepKind",
    "Window",
    "Withdraw",
    "Write",
    "Written",
    "appointment_from",
    "choice_from",
    "digest",
    "people",
    "plain",
]
