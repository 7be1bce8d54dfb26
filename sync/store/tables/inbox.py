"""Hints and what is kept of how they were carried; holds; what is measured."""

from __future__ import annotations

import sqlalchemy as sa

from sync.store.tables.base import Id, number, table

# --- the inbox -----------------------------------------------------------------------------------------------

# A hint that an appointment may have changed; one row an appointment that is not ended. `counter` grows when another
# hint joins a row, and what was claimed is done only if it is still the one that was claimed.
hints = table(
    "hints",
    number(),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("source", sa.String(12), nullable=False),
    sa.Column(
        "state", sa.String(12), nullable=False
    ),  # waiting, working, applied, already_true, superseded, conflict, dead
    sa.Column("reason", sa.String(40), nullable=False, server_default=""),
    sa.Column("sentence", sa.Text, nullable=False, server_default=""),
    sa.Column("counter", sa.Integer, nullable=False, server_default="1"),
    sa.Column("claimed_counter", sa.Integer),
    sa.Column("version", sa.BigInteger),
    sa.Column("changed_at", sa.Float),
    sa.Column("received_at", sa.Float, nullable=False),
    sa.Column("due_at", sa.Float, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("waits", sa.Integer, nullable=False, server_default="0"),
    sa.Column("claimed_by", sa.String(64)),
    sa.Column("claimed_until", sa.Float),
    sa.Column("started_at", sa.Float),
    sa.Column("leased_at", sa.Float),
    sa.Column("ended_at", sa.Float),
    sa.Column("calls", sa.Integer, nullable=False, server_default="0"),
    sa.Column("call_ms", sa.Float, nullable=False, server_default="0"),
    sa.Column("lock_ms", sa.Float, nullable=False, server_default="0"),
    sa.Column("visit", Id),
    sa.Column("visit_start", sa.Float),
    sa.Column("permanent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("closed_at", sa.Float),
    sa.Column("closed_because", sa.String(40), nullable=False, server_default=""),
    sa.Column("asked_by", sa.String(100), nullable=False, server_default=""),
    sa.Column("waits_in_a_row", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_hints_state_due_at", "state", "due_at"),
    sa.Index("ix_hints_side_key", "side", "key"),
    sa.Index("ix_hints_ended_at", "ended_at"),
    sa.Index(
        "uq_hints_open",
        "side",
        "key",
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'working')"),
        postgresql_where=sa.text("state IN ('waiting', 'working')"),
    ),
)

# Every webhook that came, refused ones too: what we answered and why. No body is kept.
deliveries = table(
    "deliveries",
    number(),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("event_id", sa.String(64), nullable=False, server_default=""),
    sa.Column("key", sa.String(64), nullable=False, server_default=""),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("ms", sa.Float, nullable=False),
    sa.Column("retry_number", sa.Integer, nullable=False, server_default="0"),
    sa.Column("retry_reason", sa.String(40), nullable=False, server_default=""),
    sa.Column("source_at", sa.Float),
    sa.Index("ix_deliveries_side_event_id", "side", "event_id"),
)

# Each outside call made for a hint: which, how long, what came back, without personal data.
calls = table(
    "calls",
    number(),
    sa.Column("hint", Id, nullable=False, index=True),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("name", sa.String(40), nullable=False),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("ms", sa.Float, nullable=False),
    sa.Column("outcome", sa.String(10), nullable=False),  # ok, refused, lost, unsent
    sa.Column("status", sa.Integer, nullable=False, server_default="0"),
    sa.Column("code", sa.String(64), nullable=False, server_default=""),
    sa.Column("request_id", sa.String(100), nullable=False, server_default=""),
)

# A breaker a side: open while the side does not answer.
breakers = table(
    "breakers",
    sa.Column("side", sa.String(8), primary_key=True),
    sa.Column("state", sa.String(8), nullable=False),  # closed, open, half
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("opened_at", sa.Float),
    sa.Column("until", sa.Float),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("changed_at", sa.Float, nullable=False),
)

# A soft claim while a client pays.
holds = table(
    "holds",
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person", sa.String(80), nullable=False),
    sa.Column("start", sa.Float, nullable=False),
    sa.Column("end", sa.Float, nullable=False),
    sa.Column("client", sa.String(64), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),  # held, consumed, lost, released, expired
    sa.Column("reason", sa.String(40), nullable=False, server_default=""),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Column("ref", sa.String(80), nullable=False, server_default=""),
    sa.Index("ix_holds_person_start", "person", "start"),
    sa.Index("ix_holds_state_expires_at", "state", "expires_at"),
)

# --- what is measured ----------------------------------------------------------------------------------------

# Durations as mergeable log-scale sketches: a blob a minute for two days, a blob an hour beyond, and one of all (at 0).
sketches = table(
    "sketches",
    sa.Column("grain", sa.String(6), primary_key=True),  # minute, hour, total
    sa.Column("at", sa.Float, primary_key=True),
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("label", sa.String(40), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("blob", sa.LargeBinary, nullable=False),
)

tallies = table(
    "tallies",
    sa.Column("grain", sa.String(6), primary_key=True),
    sa.Column("at", sa.Float, primary_key=True),
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("label", sa.String(40), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)

# Near misses, late writes refused, projections withdrawn, blocks put back: one row each, without personal data.
ledger = table(
    "ledger",
    number(),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("side", sa.String(8), nullable=False, server_default=""),
    sa.Column("key", sa.String(64), nullable=False, server_default=""),
    sa.Column("person", sa.String(80), nullable=False, server_default=""),
    sa.Column("start", sa.Float),
    sa.Column("visit", Id),
    sa.Column("hint", Id),
    sa.Index("ix_ledger_kind_at", "kind", "at"),
    sa.Index("ix_ledger_side_key", "side", "key"),
)
