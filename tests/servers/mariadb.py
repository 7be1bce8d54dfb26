"""A private MariaDB: a data directory of its own, small buffers, no disk syncs, a loopback port."""

from __future__ import annotations

import contextlib
import getpass
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pymysql

from tests.servers.process import free_port, running
from tests.servers.programs import program

PACKAGE = "mariadb-server"


def _connect(port: int) -> pymysql.Connection[pymysql.cursors.Cursor]:
    return pymysql.connect(host="127.0.0.1", port=port, user="root", connect_timeout=5, autocommit=True)


def _answers(port: int) -> bool:
    try:
        _connect(port).close()
    except pymysql.err.OperationalError:
        return False
    return True


def _make_data(data: Path, user: str) -> None:
    installer = program("mariadb-install-db", PACKAGE)
    subprocess.run(
        [installer, "--no-defaults", f"--datadir={data}", f"--user={user}", "--auth-root-authentication-method=normal",
         "--skip-test-db", "--innodb-log-file-size=8M"],
        check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=180,
    )  # fmt: skip


def options(data: Path, port: int, user: str) -> list[str]:
    """mariadbd's arguments. The zone is UTC, so that nothing depends on the machine's."""
    return [
        "--no-defaults", f"--datadir={data}", f"--user={user}", "--bind-address=127.0.0.1", f"--port={port}",
        f"--socket={data}/s.sock", f"--pid-file={data}/m.pid", "--skip-name-resolve", "--skip-log-bin",
        "--performance-schema=OFF", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M",
        "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--key-buffer-size=1M",
        "--aria-pagecache-buffer-size=8M", "--max-connections=100", "--default-time-zone=+00:00",
        "--character-set-server=utf8mb4",
    ]  # fmt: skip


@contextlib.contextmanager
def mariadb(directory: Path) -> Iterator[int]:
    """Yields the port of a MariaDB that root enters without a password; it is ended with the block."""
    server = program("mariadbd", PACKAGE)
    data, user, port = directory / "data", getpass.getuser(), free_port()
    data.mkdir()
    _make_data(data, user)
    with running([server, *options(data, port, user)], directory / "mariadb.log", lambda: _answers(port)):
        yield port


@contextlib.contextmanager
def database(port: int) -> Iterator[str]:
    """Yields the URL of a new empty database; it is dropped with the block."""
    name = f"test_{secrets.token_hex(6)}"
    with contextlib.closing(_connect(port)) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    try:
        yield f"mysql+pymysql://root@127.0.0.1:{port}/{name}?charset=utf8mb4"
    finally:
        with contextlib.closing(_connect(port)) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
