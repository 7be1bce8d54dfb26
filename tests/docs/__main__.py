"""`python -m tests.docs`: write docs/wrong-settings.md from what is really said. Needs MariaDB, as its cases do."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.docs.listing import FILE, settled, write
from tests.docs.trying import filled_bookly, said_by_check, salon_on_mariadb, salon_on_sqlite, tried
from tests.docs.wrong import CASES, Case, Salon
from tests.servers.mariadb import database, mariadb


def main() -> None:
    """Try every case, and write down what the check says."""
    warnings.simplefilter("ignore")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        filled = filled_bookly(folder)
        port = stack.enter_context(mariadb(folder))
        said = []
        for number, case in enumerate(CASES):
            with _salon(case, filled, port, folder / str(number)) as salon:
                (sentence,) = said_by_check(tried(case, salon, pages=()))
                said.append((case, settled(sentence, salon)))
    write(said)
    print(f"{FILE}: {len(said)} cases.")


@contextmanager
def _salon(case: Case, filled: Path, port: int, folder: Path) -> Iterator[Salon]:
    if not case.mariadb:
        with salon_on_sqlite(filled, folder) as salon:
            yield salon
        return
    with database(port) as url, salon_on_mariadb(url, folder) as salon:
        yield salon


if __name__ == "__main__":
    main()
