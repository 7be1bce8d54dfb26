"""Programs that tests need beside Python: where they are, and what to say when they are not there."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/bin"])


def must_be_there() -> bool:
    """With CI=true a missing program is a failure."""
    return os.environ.get("CI", "").lower() == "true"


def missing(what: str, package: str) -> NoReturn:
    """Skip the test, naming the Debian package; under CI=true fail it."""
    sentence = f"{what} is not installed: apt install {package}"
    if must_be_there():
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def program(name: str, package: str) -> str:
    """The path of `name`; skips or fails the test when it is not installed."""
    path = shutil.which(name, path=SEARCH)
    return path if path is not None else missing(name, package)
