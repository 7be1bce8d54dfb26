"""`python -m tests.proof`: play everything, print the table, and write docs/proof.md with its picture."""

from __future__ import annotations

import sys

from tests.proof.page import PAGE, ROOT, table, write
from tests.proof.plan import load
from tests.proof.playing import Result, play_all
from tests.proof.telling import UNEXPLAINED


def main() -> int:
    """0 when every double booking that the engine left is explained."""
    plan = load()
    results: list[Result] = []
    for result in play_all(plan):
        results.append(result)
        done = f"{len(results)} of {len(plan.seeds) * len(plan.ways)}"
        print(f"{done}: {result.way}, week {result.seed}: {len(result.doubles)} double bookings", flush=True)
    print("", *table(plan, results), "", sep="\n")
    write(plan, results)
    print(f"Written: {PAGE.relative_to(ROOT)}")
    engine = {way.name for way in plan.ways if not way.every}
    return int(any(double.why == UNEXPLAINED for one in results if one.way in engine for double in one.doubles))


if __name__ == "__main__":
    sys.exit(main())
