"""Bookly: WordPress tables over SQL, naive local times, rows and customers on them.

`open_bookly` gives the way to a database, `BooklyReader` reads it. `write` is for `sync.converge` alone.
"""

from sync.calendars.bookly.connect import BooklyDoor, open_bookly
from sync.calendars.bookly.read import BooklyReader

__all__ = ["BooklyDoor", "BooklyReader", "open_bookly"]
