"""Look at Square's bookings of the next days, every half minute."""

from __future__ import annotations

from jobs.polling import poll_job
from sync.model import Side

JOB = poll_job(Side.SQUARE, every=30)
