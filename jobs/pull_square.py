"""Read Square whole, into the mirror."""

from __future__ import annotations

from jobs.pulling import pull_side
from jobs.running import Job
from sync.model import Side

JOB = Job("pull-square", every=3600, again=60, call=lambda work: pull_side(work, Side.SQUARE))
