"""What clients, services and lists of them are called in a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from sync.model import Appointment, Side

NOBODY_NAMED = "somebody without a name"

# Words of the trade that take an s; any other service keeps the name the salon gave it.
_COUNTABLE = (
    "blowout", "haircut", "cut", "trim", "touch-up", "blow-dry", "balayage", "perm", "updo", "shave", "manicure",
    "pedicure", "massage", "facial", "treatment",
)  # fmt: skip


def together(names: Iterable[str]) -> str:
    """ "Anna", "Anna and Sam", "Anna, Sam and Kim"; each name once."""
    once = list(dict.fromkeys(name for name in names if name))
    if len(once) < 2:
        return "".join(once)
    return f"{', '.join(once[:-1])} and {once[-1]}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """ "1 visit", "3 visits"."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def capital(sentence: str) -> str:
    """The sentence with a capital first letter, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]


def clients_or(names: Iterable[str], side: Side, service: str, persons: int = 1) -> str:
    """Who comes: every client by name; else what the chair is taken for."""
    known = [name for name in names if name]
    if not known:
        return _unnamed(side, service)
    more = persons - len(known)
    return together(known) if more <= 0 else together([*known, f"{more} more"])


def _unnamed(side: Side, service: str) -> str:
    kind = "a blocked time" if side is Side.BOOKLY else "a booking without a name"
    return f"{kind} ({service})" if service else kind


def clients(appointment: Appointment) -> str:
    """Who comes to an appointment."""
    return clients_or(
        (c.name for c in appointment.clients),
        appointment.ref.side,
        appointment.label or service(appointment),
        appointment.persons,
    )


def service(appointment: Appointment) -> str:
    """What is done: the services of its parts, each once."""
    return together(part.service_name for part in appointment.parts)


def of(name: str) -> str:
    """The owner's form: "Mia's", "Ines'"."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def does(name: str) -> str:
    """A service as somebody does it: "blowouts"; a name that is no word of the trade stays as the salon wrote it."""
    words = name.lower()
    return f"{words}s" if words.endswith(_COUNTABLE) else name
