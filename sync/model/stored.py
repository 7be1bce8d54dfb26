"""Plans, steps and outcomes, back from the JSON the store keeps them in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from sync.model.plans import Outcome, Plan, Step


@cache
def _plans() -> TypeAdapter[Plan]:
    return TypeAdapter(Plan)


def plan_from(value: Mapping[str, Any]) -> Plan:
    """The inverse of `plain(plan)`. Raises ValueError for anything else."""
    return _plans().validate_python(value)


@cache
def _steps() -> TypeAdapter[Step]:
    return TypeAdapter(Step)


@cache
def _outcomes() -> TypeAdapter[Outcome]:
    return TypeAdapter(Outcome)


def step_from(value: Mapping[str, Any]) -> Step:
    """The inverse of `plain(step)`. Raises ValueError for anything else."""
    return _steps().validate_python(value)


def outcome_from(value: Mapping[str, Any]) -> Outcome:
    """The inverse of `plain(outcome)`. Raises ValueError for anything else."""
    return _outcomes().validate_python(value)
