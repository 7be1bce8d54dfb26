"""The form of what `reconcile --json` prints."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

KINDS = {
    "double_booking", "padding_clash", "over_capacity", "missing_in_square", "missing_in_bookly", "drift", "same_visit",
    "unmapped_staff", "unmapped_service", "anomaly",
}  # fmt: skip


def assert_shape(found: list[dict[str, Any]]) -> None:
    """Exactly the keys, and of each the type that a reader of another program counts on."""
    for one in found:
        assert set(one) == {"kind", "staff", "start", "end", "past", "appointments"}
        assert one["kind"] in KINDS
        assert isinstance(one["staff"], str)
        assert type(one["past"]) is bool
        start, end = (datetime.fromisoformat(one[name]) for name in ("start", "end"))
        assert start.utcoffset() == end.utcoffset() == timedelta(0)
        assert start <= end
        for appointment in one["appointments"]:
            assert set(appointment) == {"channel", "id"}
            assert appointment["channel"] in ("bookly", "square")
            assert isinstance(appointment["id"], str) and appointment["id"]
