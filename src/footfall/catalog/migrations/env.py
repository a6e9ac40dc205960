"""What alembic runs: always on the connection, and in the transaction, that `upgrade` hands over."""

from alembic import context

from footfall.catalog.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
