"""Look at what lies ahead in Bookly, every few seconds."""

from __future__ import annotations

from jobs.polling import poll_job
from sync.model import Side

JOB = poll_job(Side.BOOKLY, every=5)
