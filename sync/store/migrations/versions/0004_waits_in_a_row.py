"""How often a hint has waited for the same thing in a row: its pauses grow with that, not with all its waits"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hints", sa.Column("waits_in_a_row", sa.Integer(), server_default="0", nullable=False))
