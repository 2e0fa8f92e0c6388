"""Alembic's entry: the connection is handed in by crosspost.store.migrate, inside its transaction."""

from alembic import context

from crosspost.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
