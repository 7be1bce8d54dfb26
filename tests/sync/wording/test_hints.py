"""Each way in which a hint ends or waits has its sentence: the words are collected from the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.decide.carrying import ORDER
from sync.decide.retry import WORKER_DIED, Wait
from sync.model import End, Fault
from sync.wording.dead_letters import CAUSES, UNKNOWN_CAUSE
from sync.wording.findings import _ODD
from sync.wording.hints import SENTENCES, WORKING, why

ROOT = Path(__file__).parents[3] / "sync"
PLACES = (
    "decide/carrying.py", "decide/following.py", "decide/steps.py", "decide/projection.py", "converge/hinted.py",
    "converge/acting.py", "converge/adopting.py", "converge/settling.py", "converge/waiting.py", "inbox/crew.py",
)  # fmt: skip
ENDS = ("Verdict", "Ended", "_agreed", "replace")
Word = tuple[str, str]


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call by the name of what is called."""
    for place in PLACES:
        for node in ast.walk(ast.parse((ROOT / place).read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id, node


def words(call: ast.Call) -> set[str]:
    """The stable words among the arguments: short strings, and members of Wait and Fault."""
    said = [*call.args, *(word.value for word in call.keywords if word.arg in ("reason", "word"))]
    found: set[str] = set()
    for node in (one for arg in said for one in _either(arg)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            found.add(node.value)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Wait":
            found.add(Wait[node.attr].value)
    return found


def _either(node: ast.expr) -> tuple[ast.expr, ...]:
    return (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,)


def ends(call: ast.Call) -> set[str]:
    """The ends that are named among the arguments; waiting where it is None."""
    args = [*call.args, *(word.value for word in call.keywords)]
    named = {n.attr for arg in args for n in ast.walk(arg) if isinstance(n, ast.Attribute) and _is_end(n)}
    waits = bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value is None
    return {End[name].value for name in named} | ({"waiting"} if waits else set())


def _is_end(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "End"


def in_the_code() -> set[Word]:
    found: set[Word] = set()
    for name, call in calls():
        if name in ENDS:
            found |= {(end, word) for end in ends(call) for word in words(call)}
        elif name in ("Refused", "NotMapped"):
            found |= {(End.CONFLICT.value, word) for word in words(call)}
        elif name == "Waiting":
            found |= {("waiting", word) for word in words(call)}
        elif name == "Acted":
            found |= {(End.CONFLICT.value, word) for word in words(call)}
    return found


EVERY = sorted(
    in_the_code()
    | {(end.value, word) for end in (End.APPLIED, End.ALREADY_TRUE) for word in (*ORDER, "put_back", "carried")}
    | {(End.CONFLICT.value, word) for word in _ODD}
    | {("waiting", word.value) for word in (*Wait, *Fault)}
    | {(End.DEAD.value, word) for word in (*Fault, WORKER_DIED)}
)


def test_the_words_are_found_in_the_code() -> None:
    assert {
        ("applied", "shown"), ("already_true", "in_step"), ("already_true", "past"), ("conflict", "past"),
        ("superseded", "former"), ("conflict", "both_changed"), ("conflict", "class_needs_people"),
        ("conflict", "not_mapped_service"), ("conflict", "watching"), ("conflict", "met_another"),
        ("waiting", "half_written"), ("waiting", "busy"), ("waiting", "stopped"), ("waiting", "ours"),
    } <= set(EVERY)  # fmt: skip


@pytest.mark.parametrize(("state", "reason"), EVERY)
def test_each_has_its_sentence(state: str, reason: str) -> None:
    known = CAUSES if state == End.DEAD else SENTENCES[state]
    assert reason in known
    said = why(state, reason)
    assert said[:1].isupper() and said.endswith(".") and "_" not in said and len(said) < 130


def test_what_has_no_words_says_what_was_said_when_it_happened() -> None:
    assert why("conflict", "never_heard_of", "It rained.") == "It rained."
    assert why("dead", "never_heard_of") == UNKNOWN_CAUSE
    assert why("working", "") == WORKING
