"""Whose a project is, teams, share links, links and pixels, segments and Umami's saved reports."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NEW_COLUMNS = (
    ("projects", ("kind", "user_id", "team_id", "created_by", "reset_at")),
    ("users", ("password_at", "updated_at")),
    ("api_keys", ("expires_at",)),
)


def upgrade() -> None:
    """Add the columns and make the tables."""
    op.add_column("projects", sa.Column("kind", sa.String(16), nullable=False, server_default="website"))
    for name in ("user_id", "team_id", "created_by"):
        op.add_column("projects", sa.Column(name, sa.String(36)))
    op.add_column("projects", sa.Column("reset_at", MOMENT))
    op.add_column("users", sa.Column("password_at", MOMENT))
    op.add_column("users", sa.Column("updated_at", MOMENT))
    op.add_column("api_keys", sa.Column("expires_at", MOMENT))
    _teams()
    _links()
    _owned(
        "segments",
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
    )
    _owned(
        "umami_reports",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_umami_reports_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_umami_reports_user_id", "umami_reports", ["user_id"])


def _teams() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("access_code", sa.String(50), nullable=False),
        sa.Column("logo_url", sa.Text),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_teams"),
        sa.UniqueConstraint("access_code", name="uq_teams_access_code"),
    )
    op.create_table(
        "team_users",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("team_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_team_users"),
        sa.UniqueConstraint("team_id", "user_id", name="uq_team_users_team_id_user_id"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_team_users_team_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_team_users_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_team_users_user_id", "team_users", ["user_id"])


def _links() -> None:
    _owned(
        "shares",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.UniqueConstraint("slug", name="uq_shares_slug"),
    )
    op.create_table(
        "links",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("url", sa.Text),
        sa.PrimaryKeyConstraint("project_id", name="pk_links"),
        sa.UniqueConstraint("slug", name="uq_links_slug"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_links_project_id", ondelete="CASCADE"),
    )


def _owned(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        *columns,
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=f"fk_{name}_project_id", ondelete="CASCADE"),
    )
    op.create_index(f"ix_{name}_project_id", name, ["project_id"])


def downgrade() -> None:
    """Drop them again."""
    for table in ("links", "shares", "umami_reports", "segments", "team_users", "teams"):
        op.drop_table(table)
    for table, columns in NEW_COLUMNS:
        for column in columns:
            op.drop_column(table, column)
