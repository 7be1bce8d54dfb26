"""The first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "appointments",
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("standing", sa.String(length=10), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("version", sa.BigInteger()),
        sa.Column("mark", sa.String(length=200)),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=32), server_default="", nullable=False),
        sa.Column("read_began_at", sa.Float(), nullable=False),
        sa.Column("first_seen_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", sa.Float()),
        sa.PrimaryKeyConstraint("side", "key", name=op.f("pk_appointments")),
    )
    op.create_index(op.f("ix_appointments_change"), "appointments", ["change"])
    op.create_index(op.f("ix_appointments_start"), "appointments", ["start"])

    op.create_table(
        "audit",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("request", _ID),
        sa.Column("stood", sa.JSON()),
        sa.Column("sent", sa.JSON()),
        sa.Column("answered", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    op.create_index(op.f("ix_audit_request"), "audit", ["request"])

    op.create_table(
        "claims",
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("token", "number", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_subject_start"), "claims", ["subject", "start"])

    op.create_table(
        "clients",
        sa.Column("bookly", sa.String(length=64), nullable=False),
        sa.Column("square", sa.String(length=64), nullable=False),
        sa.Column("linked_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("bookly", name=op.f("pk_clients")),
    )
    op.create_index(op.f("ix_clients_square"), "clients", ["square"])

    op.create_table(
        "findings",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("staff", sa.String(length=255), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.Column("concerned", sa.JSON(), nullable=False),
        sa.Column("seen", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("first_seen_at", sa.Float(), nullable=False),
        sa.Column("last_seen_at", sa.Float(), nullable=False),
        sa.Column("closed_at", sa.Float()),
        sa.Column("closed_because", sa.String(length=200)),
        sa.Column("left_seen", sa.String(length=32)),
        sa.Column("left_reason", sa.String(length=200)),
        sa.Column("left_by", sa.String(length=100)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("key", name=op.f("uq_findings_key")),
    )
    op.create_index(op.f("ix_findings_state_start"), "findings", ["state", "start"])

    op.create_table(
        "grants",
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.Column("granted_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("token", "number", name=op.f("pk_grants")),
    )
    op.create_index(op.f("ix_grants_granted_at"), "grants", ["granted_at"])
    op.create_index(op.f("ix_grants_subject_start"), "grants", ["subject", "start"])

    op.create_table(
        "keeping",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("changed_by", sa.String(length=100), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_keeping")),
    )
    op.create_table(
        "leases",
        sa.Column("token", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("granted_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_leases")),
    )
    op.create_table(
        "requests",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("finding", _ID),
        sa.Column("undo_of", _ID),
        sa.Column("bulk", _ID),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("seen", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_by", sa.String(length=64)),
        sa.Column("claimed_until", sa.Float()),
        sa.Column("plan", sa.JSON()),
        sa.Column("outcome", sa.JSON()),
        sa.Column("ended_at", sa.Float()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("key", name=op.f("uq_requests_key")),
    )
    op.create_index(op.f("ix_requests_bulk"), "requests", ["bulk"])
    op.create_index(op.f("ix_requests_finding"), "requests", ["finding"])
    op.create_index(op.f("ix_requests_state_due_at"), "requests", ["state", "due_at"])

    op.create_table(
        "runs",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=100), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("started_at", sa.Float()),
        sa.Column("ended_at", sa.Float()),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sentence", sa.Text(), server_default="", nullable=False),
        sa.Column("counts", sa.JSON()),
        sa.Column("setting", sa.String(length=60)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_job_asked_at"), "runs", ["job", "asked_at"])
    op.create_index(op.f("ix_runs_state"), "runs", ["state"])

    op.create_table(
        "service_map",
        sa.Column("bookly", sa.String(length=64), nullable=False),
        sa.Column("square", sa.String(length=64), nullable=False),
        sa.Column("confirmed_by", sa.String(length=100), nullable=False),
        sa.Column("confirmed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("bookly", name=op.f("pk_service_map")),
    )
    op.create_index(op.f("ix_service_map_square"), "service_map", ["square"])

    op.create_table(
        "services",
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("read_began_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("side", "id", name=op.f("pk_services")),
    )
    op.create_table(
        "sides",
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("timezone", sa.String(length=64), server_default="", nullable=False),
        sa.Column("whole_began_at", sa.Float()),
        sa.Column("window_start", sa.Float()),
        sa.Column("window_end", sa.Float()),
        sa.Column("failing_since", sa.Float()),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("setting", sa.String(length=60), server_default="", nullable=False),
        sa.Column("withheld", sa.JSON()),
        sa.PrimaryKeyConstraint("side", name=op.f("pk_sides")),
    )
    op.create_table(
        "spans",
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("staff", sa.String(length=64), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.Column("busy_start", sa.Float(), nullable=False),
        sa.Column("busy_end", sa.Float(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("side", "key", "part", name=op.f("pk_spans")),
    )
    op.create_index(op.f("ix_spans_busy_start"), "spans", ["busy_start"])
    op.create_index(op.f("ix_spans_side_staff_busy_start"), "spans", ["side", "staff", "busy_start"])
    op.create_index(op.f("ix_spans_side_unit"), "spans", ["side", "unit"])

    op.create_table(
        "staff",
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("read_began_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("side", "id", name=op.f("pk_staff")),
    )
    op.create_table(
        "staff_map",
        sa.Column("bookly", sa.String(length=64), nullable=False),
        sa.Column("square", sa.String(length=64), nullable=False),
        sa.Column("confirmed_by", sa.String(length=100), nullable=False),
        sa.Column("confirmed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("bookly", name=op.f("pk_staff_map")),
        sa.UniqueConstraint("square", name=op.f("uq_staff_map_square")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("drawn_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "visits",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(length=8), nullable=False),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_table(
        "finding_units",
        sa.Column("finding", _ID, nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("finding", "side", "unit", name=op.f("pk_finding_units")),
    )
    op.create_index(op.f("ix_finding_units_side_unit"), "finding_units", ["side", "unit"])

    op.create_table(
        "intents",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("visit", _ID),
        sa.Column("request", _ID),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=200), server_default="", nullable=False),
        sa.Column("write", sa.JSON(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.JSON()),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float()),
        sa.ForeignKeyConstraint(["visit"], ["visits.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intents")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_intents_idempotency_key")),
    )
    op.create_index(op.f("ix_intents_mark"), "intents", ["mark"])
    op.create_index(op.f("ix_intents_request"), "intents", ["request"])
    op.create_index(op.f("ix_intents_state"), "intents", ["state"])
    op.create_index(op.f("ix_intents_visit"), "intents", ["visit"])

    op.create_table(
        "partners",
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("visit", _ID, nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("agreed", sa.JSON()),
        sa.Column("agreed_fingerprint", sa.String(length=32), server_default="", nullable=False),
        sa.Column("agreed_at", sa.Float(), nullable=False),
        sa.Column("change", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["visit"], ["visits.id"]),
        sa.PrimaryKeyConstraint("side", "key", name=op.f("pk_partners")),
    )
    op.create_index(op.f("ix_partners_change"), "partners", ["change"])
    op.create_index(op.f("ix_partners_visit"), "partners", ["visit"])
