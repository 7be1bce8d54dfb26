"""Time and memory of a call, and tables to print them in."""

from __future__ import annotations

import gc
import math
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def best_of(times: int, call: Callable[[], object]) -> float:
    """The shortest of several runs, in seconds of processor time: what else the machine does only ever adds."""
    gc.collect()
    shortest = math.inf
    for _ in range(times):
        began = time.process_time()
        call()
        shortest = min(shortest, time.process_time() - began)
    return shortest


def peak_bytes(call: Callable[[], object]) -> int:
    """The most memory held at one moment of the call, above what was held before it."""
    gc.collect()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def exponent(small: float, large: float, factor: float) -> float:
    """By which power of the size the time grew: 1 is in proportion, 2 is with the square."""
    return math.log(large / small) / math.log(factor)


def seconds(value: float | None) -> str:
    """A time as people read it."""
    if value is None:
        return "not run"
    if value < 1:
        return f"{value * 1000:.3g} ms"
    return f"{value:.3g} s"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns of text, the first to the left and the others to the right."""
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (head, ["-" * width for width in widths], *rows)
    ]
    return "\n".join(line.rstrip() for line in lines)


def goal(name: str, figure: float, limit: float, unit: str = "") -> list[str]:
    """A row: what was measured, what it should be at most, and whether it is."""
    shown = f"{figure:.3g}{unit}"
    return [name, shown, f"at most {limit:g}{unit}", "met" if figure <= limit else "MISSED"]
