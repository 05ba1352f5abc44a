"""Alembic's entry: one connection, handed over by `migrations.run.upgrade`."""

from alembic import context

from migrations.run import rows

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=rows(), compare_type=True, compare_server_default=False
)
with context.begin_transaction():
    context.run_migrations()
