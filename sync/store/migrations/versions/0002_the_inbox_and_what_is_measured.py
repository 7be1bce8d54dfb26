"""The inbox and what is measured"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "breakers",
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened_at", sa.Float()),
        sa.Column("until", sa.Float()),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("side", name=op.f("pk_breakers")),
    )
    op.create_table(
        "calls",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("hint", _ID, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("ms", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("status", sa.Integer(), server_default="0", nullable=False),
        sa.Column("code", sa.String(length=64), server_default="", nullable=False),
        sa.Column("request_id", sa.String(length=100), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index(op.f("ix_calls_at"), "calls", ["at"])
    op.create_index(op.f("ix_calls_hint"), "calls", ["hint"])

    op.create_table(
        "deliveries",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("event_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("key", sa.String(length=64), server_default="", nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("ms", sa.Float(), nullable=False),
        sa.Column("retry_number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_reason", sa.String(length=40), server_default="", nullable=False),
        sa.Column("source_at", sa.Float()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_at"), "deliveries", ["at"])
    op.create_index("ix_deliveries_side_event_id", "deliveries", ["side", "event_id"])

    op.create_table(
        "hints",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), server_default="", nullable=False),
        sa.Column("sentence", sa.Text(), server_default="", nullable=False),
        sa.Column("counter", sa.Integer(), server_default="1", nullable=False),
        sa.Column("claimed_counter", sa.Integer()),
        sa.Column("version", sa.BigInteger()),
        sa.Column("changed_at", sa.Float()),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("waits", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_by", sa.String(length=64)),
        sa.Column("claimed_until", sa.Float()),
        sa.Column("started_at", sa.Float()),
        sa.Column("leased_at", sa.Float()),
        sa.Column("ended_at", sa.Float()),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("call_ms", sa.Float(), server_default="0", nullable=False),
        sa.Column("lock_ms", sa.Float(), server_default="0", nullable=False),
        sa.Column("visit", _ID),
        sa.Column("visit_start", sa.Float()),
        sa.Column("permanent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("closed_at", sa.Float()),
        sa.Column("closed_because", sa.String(length=40), server_default="", nullable=False),
        sa.Column("asked_by", sa.String(length=100), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hints")),
    )
    op.create_index("ix_hints_ended_at", "hints", ["ended_at"])
    op.create_index("ix_hints_side_key", "hints", ["side", "key"])
    op.create_index("ix_hints_state_due_at", "hints", ["state", "due_at"])
    op.create_index(
        "uq_hints_open",
        "hints",
        ["side", "key"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'working')"),
        postgresql_where=sa.text("state IN ('waiting', 'working')"),
    )

    op.create_table(
        "holds",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), server_default="", nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float()),
        sa.Column("ref", sa.String(length=80), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index("ix_holds_person_start", "holds", ["person", "start"])
    op.create_index("ix_holds_state_expires_at", "holds", ["state", "expires_at"])

    op.create_table(
        "ledger",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("side", sa.String(length=8), server_default="", nullable=False),
        sa.Column("key", sa.String(length=64), server_default="", nullable=False),
        sa.Column("person", sa.String(length=80), server_default="", nullable=False),
        sa.Column("start", sa.Float()),
        sa.Column("visit", _ID),
        sa.Column("hint", _ID),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_index("ix_ledger_kind_at", "ledger", ["kind", "at"])
    op.create_index("ix_ledger_side_key", "ledger", ["side", "key"])

    op.create_table(
        "sketches",
        sa.Column("grain", sa.String(length=6), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("grain", "at", "name", "label", name=op.f("pk_sketches")),
    )
    op.create_table(
        "tallies",
        sa.Column("grain", sa.String(length=6), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("grain", "at", "name", "label", name=op.f("pk_tallies")),
    )
    op.add_column("intents", sa.Column("hint", _ID))
    op.create_index(op.f("ix_intents_hint"), "intents", ["hint"])
