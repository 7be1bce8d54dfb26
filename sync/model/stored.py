"""Plans and what was done of them, back from the JSON the store keeps them in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from sync.model.plans import DoneStep, Plan


@cache
def _plans() -> TypeAdapter[Plan]:
    return TypeAdapter(Plan)


@cache
def _done() -> TypeAdapter[DoneStep]:
    return TypeAdapter(DoneStep)


def plan_from(value: Mapping[str, Any]) -> Plan:
    """The inverse of `plain(plan)`. Raises ValueError for anything else."""
    return _plans().validate_python(value)


def done_from(value: Mapping[str, Any]) -> DoneStep:
    """The inverse of `plain(done_step)`. Raises ValueError for anything else."""
    return _done().validate_python(value)
