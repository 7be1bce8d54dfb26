"""`docs/wrong-settings.md`, made from what is really said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from tests.docs.trying import ROOT
from tests.docs.wrong import Case, Salon

FILE = ROOT / "docs" / "wrong-settings.md"

OPENING = """\
# Wrong settings

What Slotkeeper says when a setting is wrong: one sentence that names the setting, what was seen, and what to do. The
same sentence comes from `python -m sync check`, from the job that met it (`python -m jobs run ...`), and on the screen:
on Today and on Jobs. A password is shown as `***` and of a token only the first signs.

Settings stand in `.env` or in the environment, which goes first; [settings.md](settings.md) lists them. After a change
stop Slotkeeper and start it again. Where a part of it cannot go on over a setting, `make run` stops and passes on what
the part said.

The numbers are exit codes: 2 is a wrong setting, 1 a calendar that does not answer just now, 0 all well. What only
keeps Slotkeeper from writing is told by the check with "Before WRITES=on:" in front while WRITES is off, and is then no
fault.

This page is written by `python -m tests.docs` from cases that are really tried; a test compares.
"""

VARIABLE = (
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"\btest_[0-9a-f]{12}\b", "wordpress"),
    (r"\bpractice_[0-9a-f]{8}\b", "salon"),
    (r"Practice Salon \(L[0-9A-Z]+\)", "Practice Salon (LMAIN)"),
)
"""What differs from run to run, and what the page says instead."""


def settled(sentence: str, salon: Salon) -> str:
    """The sentence as the page has it: the same at each run."""
    sentence = sentence.replace(str(salon.folder), "/srv/salon")
    for pattern, instead in VARIABLE:
        sentence = re.sub(pattern, instead, sentence)
    return sentence


def entry(case: Case, sentence: str) -> str:
    """One case on the page."""
    escaped = sentence.replace("*", r"\*")
    return f"**{case.what[0].upper()}{case.what[1:]}** ({_codes(case)})\n\n> {escaped}\n"


def _codes(case: Case) -> str:
    if not case.jobs:
        return f"check {case.check}; " + ("met by no job" if case.code else "a warning that only the check gives")
    jobs = "both jobs" if len(case.jobs) > 1 else case.jobs[0]
    where = "; on Jobs" if case.only_writing else ""
    return f"check {case.check}, {jobs} {case.code}{where}"


def page(said: Sequence[tuple[Case, str]]) -> str:
    """The whole page; the cases of a setting stand together, in their order."""
    return "\n".join([OPENING, *_chapters(said)])


def _chapters(said: Sequence[tuple[Case, str]]) -> Iterator[str]:
    for name, cases in groupby(said, lambda one: one[0].setting):
        yield f"## {name}\n"
        yield from (entry(case, sentence) for case, sentence in cases)


def listed(text: str) -> list[tuple[str, str]]:
    """(setting, what is wrong) of each case on the page, in order."""
    found, name = [], ""
    for line in text.splitlines():
        if line.startswith("## "):
            name = line[3:]
        elif match := re.match(r"\*\*(.+)\*\* \(check \d", line):
            found.append((name, match[1]))
    return found


def write(said: Sequence[tuple[Case, str]], file: Path = FILE) -> None:
    """Put the page where it belongs."""
    file.write_text(page(said), encoding="utf-8")
