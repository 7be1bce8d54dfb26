"""/metrics: what the store knows, in Prometheus's own text. Every process's numbers are in it, whoever is asked.

Names and labels are documented in docs/metrics.md. Durations are histograms whose bounds are read off the sketches, and
counters only ever grow: both come from the totals, which are never forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine

from sync.model.release import RELEASE
from sync.store import sketches, tallies
from sync.store.connection import reading
from sync.store.tallies import Counted
from sync.telemetry import names
from sync.telemetry.gauges import Gauge, gauges
from sync.telemetry.names import Measure
from sync.telemetry.sketch import Sketch

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""What the text is, for the answer's header."""

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
"""The bounds of the histograms, in seconds."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """A family of /metrics: its name, what it is, and the measures it is made of, each with the values of the labels
    that tell it from the others (`told_apart` names them). `unit`: how many seconds the measure's unit has."""

    name: str
    says: str
    measures: tuple[tuple[tuple[str, ...], Measure], ...]
    told_apart: tuple[str, ...] = ()
    unit: float = 1.0

    @property
    def labels(self) -> tuple[str, ...]:
        return (*self.told_apart, *(name for name, _ in self.measures[0][1].labels))


def _alone(name: str, measure: Measure, unit: float = 1.0) -> Exposed:
    return Exposed(name, measure.says, (((), measure),), unit=unit)


HISTOGRAMS = (
    Exposed(
        "slotkeeper_hint_seconds",
        "Where the time of each ended hint went, part by part.",
        tuple(((part,), measure) for part, measure in names.PARTS.items()),
        ("part",),
    ),
    _alone("slotkeeper_exposure_seconds", names.EXPOSURE),
    Exposed("slotkeeper_call_seconds", "Outside calls, each until it was answered.", (((), names.CALL_MS),), (), 0.001),
)
COUNTERS = (
    _alone("slotkeeper_calls", names.CALLS),
    _alone("slotkeeper_hints_ended", names.HINTS),
    _alone("slotkeeper_deliveries", names.DELIVERIES),
    Exposed(
        "slotkeeper_locks",
        "Leases asked for, by the answer.",
        ((("granted",), names.LOCK_GRANTED), (("busy",), names.LOCK_BUSY)),
        ("answer",),
    ),
    Exposed(
        "slotkeeper_guards",
        "What the guards kept from happening or had to take back.",
        tuple(((kind,), names.TALLIES[kind]) for kind in names.GUARDS),
        ("kind",),
    ),
    _alone("slotkeeper_holds", names.HELD),
)


def metrics_text(engine: Engine, now: datetime) -> str:
    """All metrics as of now. Raises StoreProblem."""
    with reading(engine) as conn:
        families = list(_families(conn, now))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Given(families))
    return generate_latest(registry).decode()


class _Given(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self.families = families

    def collect(self) -> Iterable[Metric]:
        return self.families


def _families(conn: Connection, now: datetime) -> Iterator[Metric]:
    measured = {(kept.name, kept.label): Sketch.from_bytes(kept.blob) for kept in sketches.total(conn)}
    counted = tallies.total(conn)
    yield InfoMetricFamily("slotkeeper", "Which Slotkeeper this is.", {"release": RELEASE})
    for exposed in HISTOGRAMS:
        yield _histogram(exposed, measured)
    for exposed in COUNTERS:
        yield _counter(exposed, counted)
    for gauge in gauges(conn, now):
        yield _gauge(gauge)


def _histogram(exposed: Exposed, measured: dict[tuple[str, str], Sketch]) -> Metric:
    family = HistogramMetricFamily(exposed.name, exposed.says, labels=exposed.labels)
    for values, measure in exposed.measures:
        for (name, label), sketch in measured.items():
            if name == measure.name:
                bounds = [(str(bound), float(sketch.below(bound / exposed.unit))) for bound in BOUNDS]
                bounds.append(("+Inf", float(sketch.count)))
                family.add_metric((*values, *measure.values(label)), bounds, sketch.sum * exposed.unit)
    return family


def _counter(exposed: Exposed, counted: Iterable[Counted]) -> Metric:
    """A counter without labels is there from the beginning, at zero: what never happened is seen not to have."""
    family = CounterMetricFamily(exposed.name, exposed.says, labels=exposed.labels)
    for values, measure in exposed.measures:
        found = {one.label: one.value for one in counted if one.name == measure.name}
        for label, value in (found or ({} if measure.labels else {"": 0})).items():
            family.add_metric((*values, *measure.values(label)), value)
    return family


def _gauge(gauge: Gauge) -> Metric:
    family = GaugeMetricFamily(gauge.name, gauge.says, labels=gauge.labels)
    for values, value in gauge.shown:
        family.add_metric(values, value)
    return family
