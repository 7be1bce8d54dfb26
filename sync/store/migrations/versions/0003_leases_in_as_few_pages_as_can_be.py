"""Leases in as few pages as can be: what is claimed is what was granted, and the newest lease carries the sequence"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _leases()
    _grants()
    op.drop_table("claims")
    op.drop_table("tokens")


def _leases() -> None:
    """The running ones stay. Behind them a row that has ended, with the last token ever drawn."""
    op.execute("CREATE TABLE leases_before AS SELECT * FROM leases")
    op.drop_table("leases")
    op.create_table(
        "leases",
        sa.Column("token", _ID, autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("granted_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_leases")),
    )
    op.execute("INSERT INTO leases SELECT token, owner, granted_at, expires_at FROM leases_before")
    op.execute(
        "INSERT INTO leases SELECT id, 'before', drawn_at, 0 FROM tokens "
        "WHERE id = (SELECT max(id) FROM tokens) AND id NOT IN (SELECT token FROM leases_before)"
    )
    op.drop_table("leases_before")


def _grants() -> None:
    op.execute("CREATE TABLE grants_before AS SELECT * FROM grants")
    op.drop_table("grants")
    op.create_table(
        "grants",
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("token", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.Column("granted_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "token", "number", name=op.f("pk_grants")),
        sqlite_with_rowid=False,
    )
    op.execute('INSERT INTO grants SELECT subject, token, number, start, "end", granted_at FROM grants_before')
    op.drop_table("grants_before")
