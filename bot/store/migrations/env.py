"""Run by Alembic: migrate over the connection that `bot.store.database` hands over."""

from alembic import context

# One transaction for everything, on SQLite too: a migration happens whole or not at all.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
