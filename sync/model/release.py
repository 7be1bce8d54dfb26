"""Which Slotkeeper this is, as logs and /metrics say it."""

RELEASE = "0.1.0"
