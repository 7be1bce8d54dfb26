"""The practice parts one by one: `python -m practice_salon square | bookly | play`."""

import signal
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click
import sqlalchemy as sa

from practice_salon import NobodyInCommon, PracticeError
from practice_salon.shop import TIMEZONE, shop

if TYPE_CHECKING:
    from practice_salon.bookly.journal import Site
    from practice_salon.square.state import World

WRONG_SETTINGS = 2
START_TRIES = 60
START_PAUSE_S = 1.0
T = TypeVar("T")


@click.group(help=__doc__)
def main() -> None:
    """Entry point; the parts are the sub-commands."""


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), required=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--seed", type=int, help="Fill it with the salon of that number.")
@click.option("--empty", is_flag=True, help="Start with a location and nothing else.")
@click.option("--db", type=click.Path(path_type=Path, dir_okay=False), help="Keep its state in this file.")
@click.option("--webhook", help="Tell every event to this address, from the start.")
@click.option("--signature-key", help="The key that --webhook is signed with.")
def square(
    port: int, seed: int | None, empty: bool, db: Path | None, webhook: str | None, signature_key: str | None
) -> None:
    """Serve the practice Square until stopped; its access token is `practice`."""
    from practice_salon.square.seed import empty_world, seeded_world
    from practice_salon.square.server import serve

    if empty == (seed is not None):
        _stop("Say either --seed N for a filled Square or --empty for an empty one.")
    if bool(webhook) != bool(signature_key):
        _stop("Give --webhook and --signature-key together.")
    _refuse_taken(port)
    world = empty_world(TIMEZONE) if seed is None else seeded_world(shop(seed), datetime.now(UTC))
    _or_stop(lambda: serve(world, port, db, lambda world: _subscribe(world, webhook, signature_key)))


def _subscribe(world: "World", webhook: str | None, key: str | None) -> None:
    from practice_salon.square.errors import SquareError
    from practice_salon.square.subscriptions import subscribe

    if not webhook or not key:
        return
    try:
        subscribe(world, webhook, key)
    except SquareError as refused:
        raise PracticeError(f"--webhook cannot be used: {refused.detail}") from None


@main.command()
@click.option("--url", required=True, help="Where Bookly's tables are or shall be, as SQLAlchemy writes it.")
@click.option("--seed", type=int, help="Fill them with the salon of that number.")
@click.option("--load", "file", type=click.Path(path_type=Path), help="Fill them with the rows of this file.")
@click.option("--prefix", default="wp_", show_default=True, help="WordPress's table prefix.")
@click.option("--reset", is_flag=True, help="Drop the tables first, so that ids start from 1 again.")
def bookly(url: str, seed: int | None, file: Path | None, prefix: str, reset: bool) -> None:
    """Fill Bookly's tables; what was in them is replaced."""
    if (seed is None) == (file is None):
        _stop("Say either --seed N for a made-up salon or --load FILE for another Bookly's rows.")
    click.echo(_or_stop(lambda: _fill(url, seed, file, prefix, reset)))


@main.command()
@click.option("--square-url", required=True, help="Where the practice Square answers.")
@click.option("--bookly-url", required=True, help="Where Bookly's tables are, as SQLAlchemy writes it.")
@click.option("--seed", type=int, required=True, help="Which salon's clients come, and in which order.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="1: an act every half a minute or so.",
)
@click.option("--clash", is_flag=True, help="Begin with one stylist sold twice in the next two opening hours.")
@click.option("--prefix", default="wp_", show_default=True, help="WordPress's table prefix.")
@click.option("--truth", "file", type=click.Path(path_type=Path, dir_okay=False), help="Keep what was done here.")
@click.option("--bookly-webhook", help="Where the website tells each change, as its plugin does.")
@click.option("--secret", help="The secret that --bookly-webhook is signed with: whsec_...")
def play(
    square_url: str,
    bookly_url: str,
    seed: int,
    speed: float,
    clash: bool,
    prefix: str,
    file: Path | None,
    bookly_webhook: str | None,
    secret: str | None,
) -> None:
    """Let people book in both calendars until stopped."""
    if bool(bookly_webhook) != bool(secret):
        _stop("Give --bookly-webhook and --secret together.")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    _or_stop(
        lambda: _play(
            square_url.rstrip("/"), _site(bookly_url, prefix, bookly_webhook, secret), seed, speed, clash, file, stop
        )
    )


def _site(url: str, prefix: str, webhook: str | None, secret: str | None) -> "Site":
    from practice_salon.bookly.journal import open_site
    from practice_salon.bookly.messages import Messenger

    return open_site(url, prefix, tell=Messenger(webhook, secret).tell if webhook and secret else None)


def _play(
    square_url: str, site: "Site", seed: int, speed: float, clash: bool, file: Path | None, stop: threading.Event
) -> None:
    from practice_salon.people.clash import make_clash
    from practice_salon.people.people import People
    from practice_salon.people.play import Player, forms
    from practice_salon.people.play import play as play_on
    from practice_salon.people.square_side import SquareSide
    from practice_salon.people.stage import open_stage
    from practice_salon.truth import Truth

    square = SquareSide(square_url)
    stage = _when_ready(lambda: open_stage(site, square), stop)
    if stage is None:
        return
    people, clients = People(stage, Truth(file)), forms(shop(seed))
    if clash:
        made = make_clash(people, clients, seed)
        _tell(f"{made.staff} is booked twice from {stage.local(made.start):%a %H:%M} on.")
    _tell("People are booking in both calendars.")
    play_on(Player(people, clients, seed), speed, stop.wait, _tell)
    site.engine.dispose()
    square.close()


def _when_ready(open_it: Callable[[], T], stop: threading.Event) -> T | None:
    """Both calendars may still be starting: try for a minute, then let the reason out. None when stopped meanwhile.

    Two calendars that answer and have nobody in common will not have somebody in a minute.
    """
    for _ in range(START_TRIES):
        try:
            return open_it()
        except NobodyInCommon:
            raise
        except (PracticeError, sa.exc.DBAPIError):
            if stop.wait(START_PAUSE_S):
                return None
    return open_it()


def _refuse_taken(port: int) -> None:
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            _stop(f"Port {port} is taken; stop what uses it, or give another --port.")


def _tell(sentence: str) -> None:
    click.echo(sentence, err=True)


def _fill(url: str, number: int | None, file: Path | None, prefix: str, reset: bool) -> str:
    from practice_salon.bookly.load import load
    from practice_salon.bookly.seed import seed
    from practice_salon.bookly.tables import drop, open_engine

    if reset:
        engine = open_engine(url)
        drop(engine, prefix)
        engine.dispose()
    if file is not None:
        return load(url, file, prefix).sentence()
    count = seed(url, shop(number or 0), datetime.now(UTC), prefix)
    return f"Made salon {number or 0} in Bookly: {count} appointments in three months."


def _or_stop(act: Callable[[], T]) -> T:
    """Do it, or end with one sentence and exit code 2."""
    try:
        return act()
    except PracticeError as error:
        _stop(str(error))
    except sa.exc.NoSuchModuleError:
        _stop("--url names a database kind not known here; begin it with sqlite:// or mysql+pymysql://.")
    except sa.exc.ArgumentError:
        _stop("--url is no database address; write it like sqlite:///var/bookly.db or mysql+pymysql://user@host/name.")
    except (sa.exc.DBAPIError, OSError) as error:
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        _stop(f"The database or port could not be used ({type(cause).__name__}); check that it runs and is free.")


def _stop(sentence: str) -> NoReturn:
    _tell(sentence)
    raise SystemExit(WRONG_SETTINGS)


if __name__ == "__main__":
    main()
