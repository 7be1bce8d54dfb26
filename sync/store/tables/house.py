"""Findings, requests, audit, leases and runs."""

from __future__ import annotations

import sqlalchemy as sa

from sync.store.tables.base import Id, metadata, number, table

# --- findings, requests, audit -------------------------------------------------------------------------------

findings = table(
    "findings",
    number(),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("person", sa.String(80), nullable=False),
    sa.Column("staff", sa.String(255), nullable=False),
    sa.Column("start", sa.Float, nullable=False),
    sa.Column("end", sa.Float, nullable=False),
    sa.Column("concerned", sa.JSON, nullable=False),
    sa.Column("seen", sa.String(32), nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),  # open, left, closed
    sa.Column("first_seen_at", sa.Float, nullable=False),
    sa.Column("last_seen_at", sa.Float, nullable=False),
    sa.Column("closed_at", sa.Float),
    sa.Column("closed_because", sa.String(200)),
    sa.Column("left_seen", sa.String(32)),
    sa.Column("left_reason", sa.String(200)),
    sa.Column("left_by", sa.String(100)),
    sa.Index("ix_findings_state_start", "state", "start"),
)

finding_units = table(
    "finding_units",
    sa.Column("finding", sa.ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("side", sa.String(8), primary_key=True),
    sa.Column("unit", sa.String(64), primary_key=True),
    sa.Index("ix_finding_units_side_unit", "side", "unit"),
)

requests = table(
    "requests",
    number(),
    sa.Column("key", sa.String(100), nullable=False, unique=True),
    sa.Column("finding", Id, index=True),
    sa.Column("undo_of", Id),
    sa.Column("bulk", Id, index=True),
    sa.Column("choice", sa.JSON, nullable=False),
    sa.Column("seen", sa.String(32), nullable=False),
    sa.Column("asked_by", sa.String(100), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("asked_at", sa.Float, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),  # waiting, working, done, refused, half, would
    sa.Column("due_at", sa.Float, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("claimed_by", sa.String(64)),
    sa.Column("claimed_until", sa.Float),
    sa.Column("plan", sa.JSON),
    sa.Column("outcome", sa.JSON),
    sa.Column("ended_at", sa.Float),
    sa.Column("waits_for", sa.String(40), nullable=False, server_default=""),
    sa.Column("waits_since", sa.Float),
    sa.Index("ix_requests_state_due_at", "state", "due_at"),
)

audit = table(
    "audit",
    number(),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("what", sa.String(40), nullable=False),
    sa.Column("request", Id, index=True),
    sa.Column("stood", sa.JSON),
    sa.Column("sent", sa.JSON),
    sa.Column("answered", sa.JSON),
)

# --- leases --------------------------------------------------------------------------------------------------

# The newest row stays also when it was let go of (expires_at is 0 then): the next token is one above it.
leases = table(
    "leases",
    sa.Column("token", Id, primary_key=True, autoincrement=False),
    sa.Column("owner", sa.String(100), nullable=False),
    sa.Column("granted_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False),
)

# What each lease was granted on: while the lease runs it is held; afterwards it fences late writers off.
grants = sa.Table(
    "grants",
    metadata,
    sa.Column("subject", sa.String(120), primary_key=True),  # "visit:..." or "staff:..."
    sa.Column("token", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("start", sa.Float, nullable=False),
    sa.Column("end", sa.Float, nullable=False),
    sa.Column("granted_at", sa.Float, nullable=False),
    sqlite_with_rowid=False,  # one page in a commit instead of two
)

# --- runs ----------------------------------------------------------------------------------------------------

runs = table(
    "runs",
    number(),
    sa.Column("job", sa.String(40), nullable=False),
    sa.Column("asked_by", sa.String(100), nullable=False),  # "the schedule", or a person's name
    sa.Column("asked_at", sa.Float, nullable=False),
    sa.Column("started_at", sa.Float),
    sa.Column("ended_at", sa.Float),
    sa.Column("state", sa.String(10), nullable=False),  # waiting, working, whole, nothing
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("total", sa.Integer, nullable=False, server_default="0"),
    sa.Column("sentence", sa.Text, nullable=False, server_default=""),
    sa.Column("counts", sa.JSON),
    sa.Column("setting", sa.String(60)),
    sa.Index("ix_runs_job_asked_at", "job", "asked_at"),
    sa.Index("ix_runs_state", "state"),
)

# How each side was last read: whole (with the window), and since when it could not be.
sides = table(
    "sides",
    sa.Column("side", sa.String(8), primary_key=True),
    sa.Column("timezone", sa.String(64), nullable=False, server_default=""),
    sa.Column("whole_began_at", sa.Float),
    sa.Column("window_start", sa.Float),
    sa.Column("window_end", sa.Float),
    sa.Column("failing_since", sa.Float),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    sa.Column("setting", sa.String(60), nullable=False, server_default=""),
    sa.Column("withheld", sa.JSON),
)
