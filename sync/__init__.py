"""The engine: it reads both calendars, decides, and carries what a person asked for. It knows no screen."""

RELEASE = "0.1.0"
"""Which Slotkeeper this is, as logs and /metrics say it."""
