"""`python -m tests.breaks [WORD ...]`: each wrong change in a copy; its tests must turn red, or it ends with 1."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.breaks.changes import BREAKS, Break, Stale
from tests.breaks.trial import PASSED, Result, copied, run_tests, try_out

WIDTH = max(len(change.name) for change in BREAKS)


def main(words: Sequence[str]) -> int:
    """Try the breaks whose names hold one of `words`, all when there are none."""
    chosen = [change for change in BREAKS if not words or any(word in change.name for word in words)]
    if not chosen:
        print(f"No wrong change is called that; there are: {', '.join(change.name for change in BREAKS)}.")
        return 1
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="breaks-") as folder, copied(Path(folder)) as copy:
        if not _green_before(copy, chosen):
            return 1
        results = [_shown(copy, change) for change in chosen]
    caught = sum(result.red for result in results)
    print(f"\n{caught} of {len(results)} wrong changes were caught, in {time.monotonic() - began:.0f} s.")
    print("Red: every named test was refuted by an assertion in its own body, not by an error on the way there.")
    return 0 if caught == len(results) else 1


def _green_before(copy: Path, chosen: Sequence[Break]) -> bool:
    names = sorted({name for change in chosen for name in change.tests})
    print(f"Unbroken, in a copy of the checkout: {len(names)} tests ...", flush=True)
    code, troubles, said = run_tests(copy, names)
    if code != PASSED:
        print(said)
        print("These tests are not green to begin with, so nothing can be learnt from them:", *troubles, sep="\n  ")
        return False
    print(f"All green.\n\n{'change':{WIDTH}}  {'tests':5}  seconds  caught by", flush=True)
    return True


def _shown(copy: Path, change: Break) -> Result:
    try:
        result = try_out(copy, change)
    except Stale as stale:
        result = Result(False, f"the break is stale: {stale}", 0.0)
    named = [name.partition("::")[2] for name in change.tests]
    word = "red" if result.red else "GREEN" if result.why == "no test noticed" else "WRONG"
    print(
        f"{change.name:{WIDTH}}  {word:5}  {result.seconds:7.1f}  {named[0] if result.red else result.why}", flush=True
    )
    for name in named[1:] if result.red else named:
        print(f"{'':{WIDTH}}  {'':5}  {'':7}  {name}", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
