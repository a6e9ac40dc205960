"""Passwords of share links, and the sites that may show them in a frame."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("shares", sa.Column("password_hash", sa.Text))
    op.add_column("shares", sa.Column("origins", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    """Drop them again."""
    op.drop_column("shares", "origins")
    op.drop_column("shares", "password_hash")
