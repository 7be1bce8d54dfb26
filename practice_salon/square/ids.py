"""Ids in the looks of Square's: opaque, never used twice in one world."""

import uuid

from practice_salon.square.state import World

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def opaque(world: World, kind: str, length: int) -> str:
    """Lower-case letters and digits."""
    number = int(world.digest(kind), 16)
    out = []
    for _ in range(length):
        number, digit = divmod(number, 36)
        out.append(DIGITS[digit])
    return "".join(out)


def booking_id(world: World) -> str:
    """Fourteen lower-case characters."""
    return opaque(world, "booking", 14)


def customer_id(world: World) -> str:
    """26 upper-case characters."""
    return opaque(world, "customer", 26).upper()


def team_member_id(world: World) -> str:
    """TM and fourteen characters."""
    return f"TM{opaque(world, 'team_member', 14)}"


def catalog_id(world: World) -> str:
    """24 upper-case characters."""
    return opaque(world, "catalog", 24).upper()


def location_id(world: World) -> str:
    """L and twelve upper-case characters."""
    return f"L{opaque(world, 'location', 12).upper()}"


def subscription_id(world: World) -> str:
    """The prefix Square gives webhook subscriptions, and 32 characters."""
    return f"wbhk_{opaque(world, 'subscription', 32)}"


def event_id(world: World) -> str:
    """A UUID."""
    return str(uuid.UUID(world.digest("event")[:32]))
