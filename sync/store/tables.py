"""Every table of the store. Times are whole or fractional seconds since 1970 in UTC (`*_at`, `start`, `end`).

JSON columns hold `sync.model.plain` values. Personal data lives in appointments.content, clients, findings.detail,
requests and audit only, and never leaves the store but for a signed-in screen.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _table(name: str, *items: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, metadata, *items)


def _id() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


# One row a key: paused, writes, pinned_timezone, installation, first_start_done, change_counter ...
keeping = _table(
    "keeping",
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
    sa.Column("changed_by", sa.String(100), nullable=False, server_default=""),
)

# --- the mirror -------------------------------------------------------------------------------------------------

appointments = _table(
    "appointments",
    sa.Column("side", sa.String(8), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("standing", sa.String(10), nullable=False),
    sa.Column("start", sa.Float, nullable=False),
    sa.Column("end", sa.Float, nullable=False),
    sa.Column("fingerprint", sa.String(32), nullable=False),
    sa.Column("version", sa.BigInteger),
    sa.Column("mark", sa.String(200)),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("content_hash", sa.String(32), nullable=False, server_default=""),
    sa.Column("read_began_at", sa.Float, nullable=False),
    sa.Column("first_seen_at", sa.Float, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
    sa.Column("change", sa.BigInteger, nullable=False),
    sa.Column("gone_at", sa.Float),
    sa.Index("ix_appointments_start", "start"),
    sa.Index("ix_appointments_change", "change"),
)

spans = _table(
    "spans",
    sa.Column("side", sa.String(8), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("unit", sa.String(64), nullable=False),
    sa.Column("staff", sa.String(64), nullable=False),
    sa.Column("start", sa.Float, nullable=False),
    sa.Column("end", sa.Float, nullable=False),
    sa.Column("busy_start", sa.Float, nullable=False),
    sa.Column("busy_end", sa.Float, nullable=False),
    sa.Column("stands", sa.Boolean, nullable=False),
    sa.Index("ix_spans_side_staff_busy_start", "side", "staff", "busy_start"),
    sa.Index("ix_spans_side_unit", "side", "unit"),
    sa.Index("ix_spans_busy_start", "busy_start"),
)

staff = _table(
    "staff",
    sa.Column("side", sa.String(8), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("read_began_at", sa.Float, nullable=False),
)

services = _table(
    "services",
    sa.Column("side", sa.String(8), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("read_began_at", sa.Float, nullable=False),
)

clients = _table(
    "clients",
    sa.Column("bookly", sa.String(64), primary_key=True),
    sa.Column("square", sa.String(64), nullable=False, index=True),
    sa.Column("linked_at", sa.Float, nullable=False),
)

# --- what a person confirmed ---------------------------------------------------------------------------------

staff_map = _table(
    "staff_map",
    sa.Column("bookly", sa.String(64), primary_key=True),
    sa.Column("square", sa.String(64), nullable=False, unique=True),
    sa.Column("confirmed_by", sa.String(100), nullable=False),
    sa.Column("confirmed_at", sa.Float, nullable=False),
)

service_map = _table(
    "service_map",
    sa.Column("bookly", sa.String(64), primary_key=True),
    sa.Column("square", sa.String(64), nullable=False, index=True),
    sa.Column("confirmed_by", sa.String(100), nullable=False),
    sa.Column("confirmed_at", sa.Float, nullable=False),
)

# --- pairs ---------------------------------------------------------------------------------------------------

visits = _table(
    "visits",
    _id(),
    sa.Column("owner", sa.String(8), nullable=False),
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
    sa.Column("made_at", sa.Float, nullable=False),
)

partners = _table(
    "partners",
    sa.Column("side", sa.String(8), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("visit", sa.ForeignKey("visits.id"), nullable=False, index=True),
    sa.Column("current", sa.Boolean, nullable=False),
    sa.Column("agreed", sa.JSON),
    sa.Column("agreed_fingerprint", sa.String(32), nullable=False, server_default=""),
    sa.Column("agreed_at", sa.Float, nullable=False),
    sa.Column("change", sa.BigInteger, nullable=False, server_default="0", index=True),
)

intents = _table(
    "intents",
    _id(),
    sa.Column("visit", sa.ForeignKey("visits.id"), index=True),
    sa.Column("request", Id, index=True),
    sa.Column("step", sa.Integer, nullable=False, server_default="0"),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("idempotency_key", sa.String(64), nullable=False, unique=True),
    sa.Column("mark", sa.String(200), nullable=False, server_default="", index=True),
    sa.Column("write", sa.JSON, nullable=False),
    sa.Column("token", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(10), nullable=False, index=True),  # open, done, refused, nothing
    sa.Column("answer", sa.JSON),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
)

# --- findings, requests, audit -------------------------------------------------------------------------------

findings = _table(
    "findings",
    _id(),
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

finding_units = _table(
    "finding_units",
    sa.Column("finding", sa.ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("side", sa.String(8), primary_key=True),
    sa.Column("unit", sa.String(64), primary_key=True),
    sa.Index("ix_finding_units_side_unit", "side", "unit"),
)

requests = _table(
    "requests",
    _id(),
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
    sa.Index("ix_requests_state_due_at", "state", "due_at"),
)

audit = _table(
    "audit",
    _id(),
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

tokens = sa.Table(
    "tokens",
    metadata,
    _id(),
    sa.Column("drawn_at", sa.Float, nullable=False),
    sqlite_autoincrement=True,
)

leases = _table(
    "leases",
    sa.Column("token", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("owner", sa.String(100), nullable=False),
    sa.Column("granted_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False),
)

claims = _table(
    "claims",
    sa.Column("token", sa.BigInteger, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("subject", sa.String(120), nullable=False),  # "visit:..." or "staff:..."
    sa.Column("start", sa.Float, nullable=False),
    sa.Column("end", sa.Float, nullable=False),
    sa.Index("ix_claims_subject_start", "subject", "start"),
)

grants = _table(
    "grants",
    sa.Column("token", sa.BigInteger, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("subject", sa.String(120), nullable=False),
    sa.Column("start", sa.Float, nullable=False),
    sa.Column("end", sa.Float, nullable=False),
    sa.Column("granted_at", sa.Float, nullable=False, index=True),
    sa.Index("ix_grants_subject_start", "subject", "start"),
)

# --- runs ----------------------------------------------------------------------------------------------------

runs = _table(
    "runs",
    _id(),
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
sides = _table(
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
