"""Which settings a command sees: those of the environment, of .env, and beside a practice salon those it runs with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from sync.settings import PRACTICE, Settings, WrongSettings, read_settings
from tools.plan import plan_for

REAL = {"BOOKLY_DATABASE_URL": "mysql://salon@db.example/wordpress", "SQUARE_ACCESS_TOKEN": "EAAA"}


@pytest.fixture
def beside_a_practice_salon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """A directory in which `make run` started the practice salon; the settings it left."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    left = plan_for({}).environment
    PRACTICE.parent.mkdir()
    PRACTICE.write_text("".join(f"{name}={value}\n" for name, value in left.items()))
    return left


def test_a_command_typed_beside_the_practice_salon_sees_what_it_runs_with(
    beside_a_practice_salon: Mapping[str, str],
) -> None:
    found = read_settings()
    assert (found.practice, found.writes) == (True, "on")
    assert found.square_base_url == beside_a_practice_salon["SQUARE_BASE_URL"]
    assert found.bookly_database_url.get_secret_value() == beside_a_practice_salon["BOOKLY_DATABASE_URL"]


@pytest.mark.usefixtures("beside_a_practice_salon")
@pytest.mark.parametrize("name", REAL)
def test_with_a_real_calendar_named_nothing_of_the_practice_salon_is_used(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, REAL[name])
    monkeypatch.setenv("DATABASE_URL", "sqlite:///elsewhere.db")
    found = read_settings()
    assert (found.practice, found.writes) == (False, "off")
    assert found.square_base_url == Settings.model_fields["square_base_url"].default


@pytest.mark.usefixtures("beside_a_practice_salon")
def test_a_real_salon_is_never_kept_in_the_practice_salons_store(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("".join(f"{name}={value}\n" for name, value in REAL.items()))
    with pytest.raises(WrongSettings, match="make reset"):
        read_settings()
    monkeypatch.setenv("DATABASE_URL", "sqlite:///elsewhere.db")
    assert read_settings().database_url == "sqlite:///elsewhere.db"
