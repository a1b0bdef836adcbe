"""How migrations are run: called by alembic, with the database's address in the configuration's attributes."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from patzta.store.database import make_engine
from patzta.store.tables import Table


class DanglingRows(RuntimeError):
    """A migration left rows that point to nothing; it is rolled back."""


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=True,
        compare_server_default=True,
        # Alembic believes that SQLite has none, which is true of the driver's defaults only.
        transactional_ddl=True,
    )
    # One transaction for all: a migration that fails leaves the database as it was.
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Several shards of a bot may start at once.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('patzta upgrade'))")
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if dangling:
                raise DanglingRows(f"rows that point to nothing: {dangling[:5]}")


async def main() -> None:
    # Rebuilding a table with foreign keys on would delete the rows that point to it.
    engine = make_engine(context.config.attributes["url"], foreign_keys=False)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


asyncio.run(main())
