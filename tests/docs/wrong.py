"""The ways in which settings can be wrong, each brought about for real: on a practice Square, on Bookly's tables in a
file, on a private MariaDB. A case is named by what `docs/wrong-settings.md` calls it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import sqlalchemy as sa

from practice_salon.bookly.journal import Site, open_site
from practice_salon.bookly.rights import Rights, user_with
from practice_salon.bookly.site import write_options
from practice_salon.bookly.tables import create, open_engine
from practice_salon.shop import TIMEZONE, Shop, shop
from practice_salon.square.grants import ALL_SCOPES, add_grant, revoke
from practice_salon.square.server import RunningSquare
from tests.servers.process import free_port

SECRET = "EAAAl-sesame-rest-of-the-token"
PASSWORD = "sesame"
CHECK, BOOKLY, SQUARE = "check", "pull-bookly", "pull-square"
BOTH_JOBS = (BOOKLY, SQUARE)


@dataclass
class Salon:
    """A salon in which all is well, and the settings that say so; a case spoils one of them."""

    folder: Path
    square: RunningSquare
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def site(self) -> Site:
        return open_site(self.settings["BOOKLY_DATABASE_URL"])

    def set(self, **settings: str) -> None:
        self.settings.update(settings)

    def options(self, **options: str) -> None:
        """WordPress's options, as somebody set them."""
        site = self.site
        with site.engine.begin() as connection:
            write_options(connection, site.bookly, options)
        site.engine.dispose()


def wholesome(folder: Path, square: RunningSquare, bookly_url: str) -> Salon:
    """A salon whose settings are all right, as environment variables are given."""
    salon = Salon(folder, square)
    salon.set(
        DATABASE_URL=f"sqlite:///{folder / 'slotkeeper.db'}",
        BOOKLY_DATABASE_URL=bookly_url,
        SQUARE_BASE_URL=square.url,
        SQUARE_ACCESS_TOKEN="practice",
        WRITES="on",
    )
    return salon


def small() -> Shop:
    return shop(5)


@dataclass(frozen=True)
class Case:
    """`spoil` makes it wrong; `jobs` are what meets it beside the check (none: only the check warns of it). `code` is
    how each of those ends, `check` how the check does. `before`: what a first, good pull leaves must be there already.
    `recorded`: the run is kept in the store (False: there is no store yet to keep it in)."""

    what: str
    setting: str
    spoil: Callable[[Salon], object]
    jobs: tuple[str, ...] = (BOOKLY,)
    code: int = 2
    check: int = 2
    before: bool = False
    recorded: bool = True
    mariadb: bool = False

    @property
    def only_writing(self) -> bool:
        """Reading goes well; only writing would be refused."""
        return self.what.endswith("WRITES is on")

    def __str__(self) -> str:
        return f"{self.setting} {self.what}"


def setting(name: str, value: str) -> Callable[[Salon], None]:
    return lambda salon: salon.set(**{name: value})


# --- the store ----------------------------------------------------------------------------------------------------


def _file_instead(salon: Salon) -> None:
    (salon.folder / "letter.db").write_text("Dear salon, " * 200)
    salon.set(DATABASE_URL=f"sqlite:///{salon.folder / 'letter.db'}")


def _folder_is_a_file(salon: Salon) -> None:
    (salon.folder / "taken").write_text("here")
    salon.set(DATABASE_URL=f"sqlite:///{salon.folder / 'taken' / 'slotkeeper.db'}")


def _kept_by_practice(salon: Salon) -> None:
    (salon.folder / "var").mkdir()
    (salon.folder / "var" / "practice").touch()
    salon.set(DATABASE_URL="")


# --- Bookly -------------------------------------------------------------------------------------------------------


def _letter(salon: Salon) -> None:
    (salon.folder / "letter.db").write_text("Dear salon, " * 200)
    salon.set(BOOKLY_DATABASE_URL=f"sqlite:///{salon.folder / 'letter.db'}")


def _another_database(salon: Salon) -> None:
    url = f"sqlite:///{salon.folder / 'blog.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE wp_options (option_name VARCHAR(20), option_value VARCHAR(20))")
    engine.dispose()
    salon.set(BOOKLY_DATABASE_URL=url)


def _column_away(salon: Salon) -> None:
    site = salon.site
    with site.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE wp_bookly_appointments DROP COLUMN extras_duration")
    site.engine.dispose()


def _two_sites(salon: Salon) -> None:
    engine = open_engine(salon.settings["BOOKLY_DATABASE_URL"])
    create(engine, "wp_2_")
    engine.dispose()


def _nobody_listens(salon: Salon) -> None:
    salon.set(BOOKLY_DATABASE_URL=f"mysql+pymysql://salon:{PASSWORD}@127.0.0.1:{free_port()}/wordpress")


def _stranger(salon: Salon) -> None:
    _address(salon, sa.make_url(salon.settings[B]).set(query={}, username="stranger", password=PASSWORD))


def _no_such_database(salon: Salon) -> None:
    _address(salon, sa.make_url(salon.settings[B]).set(query={}, database="no_such"))


def _address(salon: Salon, url: sa.URL) -> None:
    salon.set(BOOKLY_DATABASE_URL=url.render_as_string(hide_password=False))


def with_rights(rights: Rights) -> Callable[[Salon], object]:
    """A database user with only these rights; returns the context to be left afterwards."""

    @contextmanager
    def given(salon: Salon) -> Iterator[None]:
        site = salon.site
        with user_with(site, rights) as url:
            salon.set(BOOKLY_DATABASE_URL=url)
            yield
        site.engine.dispose()

    return given


# --- Square -------------------------------------------------------------------------------------------------------


class _Blog(BaseHTTPRequestHandler):
    """Answers every call with a web page."""

    def do_GET(self) -> None:
        body = b"<html><h1>Not here</h1></html>"
        self.send_response(404)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """A test's output is not the place for an access log."""


@contextmanager
def _somebody_else(salon: Salon) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Blog)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    salon.set(SQUARE_BASE_URL=f"http://127.0.0.1:{server.server_port}")
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _nobody_at_square(salon: Salon) -> None:
    salon.set(SQUARE_BASE_URL=f"http://127.0.0.1:{free_port()}")


def _nobody_at_redis(salon: Salon) -> None:
    salon.set(LOCK_URL=f"redis://salon:{PASSWORD}@127.0.0.1:{free_port()}/0")


def _expired(salon: Salon) -> None:
    with salon.square.world.change():
        add_grant(salon.square.world, SECRET, expires_at="2026-01-01T00:00:00Z")
    salon.set(SQUARE_ACCESS_TOKEN=SECRET)


def _revoked(salon: Salon) -> None:
    with salon.square.world.change():
        add_grant(salon.square.world, SECRET)
        revoke(salon.square.world, SECRET)
    salon.set(SQUARE_ACCESS_TOKEN=SECRET)


def without(*rights: str) -> Callable[[Salon], None]:
    def spoil(salon: Salon) -> None:
        with salon.square.world.change():
            add_grant(salon.square.world, SECRET, scopes=ALL_SCOPES - set(rights))
        salon.set(SQUARE_ACCESS_TOKEN=SECRET)

    return spoil


def _plan(salon: Salon) -> None:
    with salon.square.world.change():
        salon.square.world.set_rules(seller_writes=False)


def _square_elsewhere(salon: Salon) -> None:
    with salon.square.world.change():
        place = salon.square.world["locations"].values()[0]
        salon.square.world["locations"].put(place["id"], {**place, "timezone": "America/New_York"})
    salon.set(SALON_TIMEZONE=TIMEZONE)


def _second_location(salon: Salon) -> None:
    with salon.square.world.change():
        place = salon.square.world["locations"].values()[0]
        salon.square.world["locations"].put("LPARK", {**place, "id": "LPARK", "name": "Park"})


D, W, L, DAYS, BACK = "DATABASE_URL", "WRITES", "LEASE_SECONDS", "PULL_DAYS_AHEAD", "PULL_DAYS_BACK"
B, P, Z = "BOOKLY_DATABASE_URL", "BOOKLY_TABLE_PREFIX", "SALON_TIMEZONE"
MYSQL = f"mysql://salon:{PASSWORD}@db.example/slotkeeper"
LOCK = "LOCK_URL"
S, T, LOC = "SQUARE_BASE_URL", "SQUARE_ACCESS_TOKEN", "SQUARE_LOCATION_ID"
HOOK, KEY, PLUGIN = "SQUARE_WEBHOOK_URL", "SQUARE_WEBHOOK_SIGNATURE_KEY", "BOOKLY_WEBHOOK_SECRET"

CASES: tuple[Case, ...] = (
    Case("no address", D, setting(D, "over there"), BOTH_JOBS, recorded=False),
    Case("another kind of database", D, setting(D, MYSQL), BOTH_JOBS, recorded=False),
    Case("no file", D, setting(D, "sqlite://"), BOTH_JOBS, recorded=False),
    Case("its folder cannot be made", D, _folder_is_a_file, BOTH_JOBS, recorded=False),
    Case("another kind of file", D, _file_instead, BOTH_JOBS, recorded=False),
    Case("left out beside a practice salon", D, _kept_by_practice, BOTH_JOBS, recorded=False),
    Case(
        "another kind of address",
        LOCK,
        setting(LOCK, f"http://salon:{PASSWORD}@locks.example"),
        BOTH_JOBS,
        recorded=False,
    ),
    Case("its port is no number", LOCK, setting(LOCK, "redis://locks.example:many"), BOTH_JOBS, recorded=False),
    Case("another store than DATABASE_URL", LOCK, setting(LOCK, "sqlite:///locks.db"), BOTH_JOBS, recorded=False),
    Case("nobody answers", LOCK, _nobody_at_redis, check=1, jobs=()),
    Case("neither on nor off", W, setting(W, "maybe"), BOTH_JOBS, recorded=False),
    Case("too short", L, setting(L, "5"), BOTH_JOBS),
    Case("no number", L, setting(L, "long"), BOTH_JOBS, recorded=False),
    Case("no whole number", DAYS, setting(DAYS, "many"), BOTH_JOBS, recorded=False),
    Case("below the least", BACK, setting(BACK, "-1"), BOTH_JOBS, recorded=False),
    Case("no zone", Z, setting(Z, "Mars/Base"), BOTH_JOBS, recorded=False),
    Case("not WordPress's zone", Z, setting(Z, "Europe/Dublin")),
    Case(
        "WordPress's zone was changed after the first pull",
        Z,
        lambda salon: salon.options(timezone_string="Europe/Lisbon", gmt_offset=""),
        before=True,
    ),
    Case("WordPress has no zone", Z, lambda salon: salon.options(timezone_string="", gmt_offset="")),
    Case("WordPress has a zone of its own making", Z, lambda salon: salon.options(timezone_string="Salon/Time")),
    Case("WordPress has only an offset", Z, lambda salon: salon.options(timezone_string="", gmt_offset="-6"), (), 0),
    Case("not the zone of Square's location", Z, _square_elsewhere, (), 0),
    Case("left out", B, setting(B, ""), BOTH_JOBS),
    Case("no address", B, setting(B, "over there")),
    Case("another kind of database", B, setting(B, f"postgresql://salon:{PASSWORD}@db.example/wordpress")),
    Case("no database named", B, setting(B, f"mysql://salon:{PASSWORD}@db.example")),
    Case("no such file", B, setting(B, "sqlite:////nowhere/at/all.db")),
    Case("another kind of file", B, _letter),
    Case("nobody answers", B, _nobody_listens, code=1, check=1),
    Case("not Bookly's", B, _another_database),
    Case("a column cannot be read", B, _column_away),
    Case("wrong user or password", B, _stranger, mariadb=True),
    Case("no such database", B, _no_such_database, mariadb=True),
    Case("may see no table", B, with_rights("nothing"), mariadb=True),
    Case("may not read who comes", B, with_rights("no_clients"), mariadb=True),
    Case("may only read, and WRITES is on", B, with_rights("read_only"), mariadb=True),
    Case("another prefix", P, setting(P, "blog_")),
    Case("several sites", P, _two_sites),
    Case("no web address", S, setting(S, "connect.square.example"), (SQUARE,)),
    Case("nobody answers", S, _nobody_at_square, (SQUARE,), code=1, check=1),
    Case("somebody else answers", S, _somebody_else, (SQUARE,)),
    Case("left out", T, setting(T, ""), BOTH_JOBS),
    Case("not a token's letters", T, setting(T, "fünf-sesame"), (SQUARE,)),
    Case("not known", T, setting(T, SECRET), (SQUARE,)),
    Case("expired", T, _expired, (SQUARE,)),
    Case("revoked", T, _revoked, (SQUARE,)),
    Case("may not read services", T, without("ITEMS_READ"), (SQUARE,)),
    Case("sees only its own bookings", T, without("APPOINTMENTS_ALL_READ"), (SQUARE,)),
    Case("lacks several rights", T, without("ITEMS_READ", "CUSTOMERS_READ"), (SQUARE,)),
    Case("may write only as a client would, and WRITES is on", T, without("APPOINTMENTS_ALL_WRITE"), (SQUARE,)),
    Case("may not write, and WRITES is on", T, without("APPOINTMENTS_WRITE"), (SQUARE,)),
    Case("a plan without seller-level writing, and WRITES is on", T, _plan, (SQUARE,)),
    Case("no such location", LOC, setting(LOC, "LNONE"), (SQUARE,)),
    Case("several locations", LOC, _second_location, (SQUARE,)),
    Case("no web address", HOOK, setting(HOOK, "salon.example/webhooks/square"), BOTH_JOBS, recorded=False),
    Case("without the address", KEY, setting(KEY, SECRET), BOTH_JOBS, recorded=False),
    Case("no secret of the standard for webhooks", PLUGIN, setting(PLUGIN, SECRET), BOTH_JOBS, recorded=False),
)


def environment(settings: dict[str, str]) -> dict[str, str | None]:
    """The process's environment with exactly these settings (None takes a variable away)."""
    known = {name for name in os.environ if name in {D, LOCK, W, L, DAYS, BACK, B, P, Z, S, T, LOC}}
    return {**dict.fromkeys(known), **settings}
