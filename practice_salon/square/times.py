"""Instants as Square writes them: RFC 3339 in UTC with a Z."""

from datetime import UTC, datetime

from practice_salon.square.errors import invalid


def stamp(instant: datetime) -> str:
    """Whole seconds, as bookings carry them: 2026-03-01T15:00:00Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_ms(instant: datetime) -> str:
    """With milliseconds, as everything but bookings carries them."""
    moment = instant.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def moment(text: str) -> datetime:
    """An instant that this server wrote itself, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def instant(text: object, field: str) -> datetime:
    """A caller's RFC 3339 instant in UTC. Raises SquareError INVALID_TIME when it is none or names no offset."""
    try:
        parsed = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise invalid("INVALID_TIME", f"Field `{field}` is not an RFC 3339 timestamp.", field)
    return parsed.astimezone(UTC)
