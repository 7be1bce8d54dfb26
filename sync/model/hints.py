"""How a hint ends, and where it came from."""

from __future__ import annotations

from enum import StrEnum


class End(StrEnum):
    """Every hint ends in exactly one of these, with its reason (DESIGN, section 4).

    applied: something was carried. already_true: both sides said so already. superseded: it names what is no longer
    part of a visit. conflict: a person has to settle it, and a finding says so. dead: it was tried to the end.
    """

    APPLIED = "applied"
    ALREADY_TRUE = "already_true"
    SUPERSEDED = "superseded"
    CONFLICT = "conflict"
    DEAD = "dead"


class Source(StrEnum):
    """Who said that an appointment may have changed."""

    WEBHOOK = "webhook"
    POLL = "poll"
    SNAPSHOT = "snapshot"
    EVENTS = "events"
    RECONCILE = "reconcile"
    RESEND = "resend"
    REDRIVE = "redrive"
    FOLLOW_UP = "follow_up"
