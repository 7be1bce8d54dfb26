"""`python -m bench [NAME ...]`: without a name, every measurement in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

from bench import diff, end_to_end, incremental, intake, locks, memory, percentiles

NAMES: dict[str, Callable[[], Iterable[str]]] = {
    "diff": diff.run,
    "end_to_end": end_to_end.run,
    "incremental": incremental.run,
    "intake": intake.run,
    "locks": locks.run,
    "memory": memory.run,
    "percentiles": percentiles.run,
}


@click.command(help="Measurements, each beside what it is compared with.")
@click.argument("names", nargs=-1, type=click.Choice(sorted(NAMES)))
def main(names: tuple[str, ...]) -> None:
    """Print the reports as they are measured."""
    for number, name in enumerate(names or tuple(NAMES)):
        click.echo("\n" if number else "", nl=bool(number))
        for line in NAMES[name]():
            click.echo(line)


if __name__ == "__main__":
    main()
