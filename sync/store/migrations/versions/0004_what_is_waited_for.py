"""What is waited for: how often a hint has waited for it in a row, and for what a click waits since when"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hints", sa.Column("waits_in_a_row", sa.Integer(), server_default="0", nullable=False))
    op.add_column("requests", sa.Column("waits_for", sa.String(length=40), server_default="", nullable=False))
    op.add_column("requests", sa.Column("waits_since", sa.Float()))
    op.execute("DELETE FROM keeping WHERE key LIKE 'click_waits:%'")
