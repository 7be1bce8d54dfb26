"""The mirror of both calendars, what a person confirmed, and the pairs."""

from __future__ import annotations

import sqlalchemy as sa

from sync.store.tables.base import Id, number, table

# One row a key: paused, writes, pinned_timezone, installation, first_start_done, change_counter ...
keeping = table(
    "keeping",
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
    sa.Column("changed_by", sa.String(100), nullable=False, server_default=""),
)

# --- the mirror -------------------------------------------------------------------------------------------------

appointments = table(
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

spans = table(
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

staff = table(
    "staff",
    sa.Column("side", sa.String(8), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("read_began_at", sa.Float, nullable=False),
)

services = table(
    "services",
    sa.Column("side", sa.String(8), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("read_began_at", sa.Float, nullable=False),
)

clients = table(
    "clients",
    sa.Column("bookly", sa.String(64), primary_key=True),
    sa.Column("square", sa.String(64), nullable=False, index=True),
    sa.Column("linked_at", sa.Float, nullable=False),
)

# --- what a person confirmed ---------------------------------------------------------------------------------

staff_map = table(
    "staff_map",
    sa.Column("bookly", sa.String(64), primary_key=True),
    sa.Column("square", sa.String(64), nullable=False, unique=True),
    sa.Column("confirmed_by", sa.String(100), nullable=False),
    sa.Column("confirmed_at", sa.Float, nullable=False),
)

service_map = table(
    "service_map",
    sa.Column("bookly", sa.String(64), primary_key=True),
    sa.Column("square", sa.String(64), nullable=False, index=True),
    sa.Column("confirmed_by", sa.String(100), nullable=False),
    sa.Column("confirmed_at", sa.Float, nullable=False),
)

# --- pairs ---------------------------------------------------------------------------------------------------

visits = table(
    "visits",
    number(),
    sa.Column("owner", sa.String(8), nullable=False),
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
    sa.Column("made_at", sa.Float, nullable=False),
)

partners = table(
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

intents = table(
    "intents",
    number(),
    sa.Column("visit", sa.ForeignKey("visits.id"), index=True),
    sa.Column("request", Id, index=True),
    sa.Column("hint", Id, index=True),
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
