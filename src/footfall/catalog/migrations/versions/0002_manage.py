"""What the Manage API keeps: more of a project, event meta, references, dashboards and their reports."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and make the tables."""
    op.add_column("projects", sa.Column("types", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("projects", sa.Column("cross_domain", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("projects", sa.Column("delete_at", MOMENT))
    op.add_column("projects", sa.Column("retention_days", sa.Integer))
    _owned(
        "event_meta",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("conversion", sa.Boolean, nullable=False),
        sa.Column("color", sa.Text, nullable=False),
        sa.Column("icon", sa.Text, nullable=False),
        sa.UniqueConstraint("project_id", "name", name="uq_event_meta_project_id_name"),
    )
    _owned(
        "project_references",
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("date", MOMENT, nullable=False),
    )
    _owned("dashboards", sa.Column("name", sa.Text, nullable=False))
    _reports()


def _reports() -> None:
    _owned(
        "reports",
        sa.Column("dashboard_id", sa.String(36), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("chart_type", sa.String(32), nullable=False),
        sa.Column("interval", sa.String(16), nullable=False),
        sa.Column("range", sa.String(32), nullable=False),
        sa.Column("start_date", sa.String(40)),
        sa.Column("end_date", sa.String(40)),
        sa.Column("metric", sa.String(16), nullable=False),
        sa.Column("previous", sa.Boolean, nullable=False),
        sa.Column("formula", sa.Text, nullable=False),
        sa.Column("series", sa.JSON, nullable=False),
        sa.Column("breakdowns", sa.JSON, nullable=False),
        sa.Column("filters", sa.JSON, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["dashboard_id"], ["dashboards.id"], name="fk_reports_dashboard_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_reports_dashboard_id", "reports", ["dashboard_id"])


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
    for table in ("reports", "dashboards", "project_references", "event_meta"):
        op.drop_table(table)
    for column in ("retention_days", "delete_at", "cross_domain", "types"):
        op.drop_column("projects", column)
