"""How the two calendars were read, in words."""

from __future__ import annotations

NOTHING_READ = "Nothing was read yet: neither Bookly nor Square has been looked at so far."
WHAT_TO_DO_FIRST = "The first look starts by itself a moment after Slotkeeper is started, or on the Jobs page with one tap."
