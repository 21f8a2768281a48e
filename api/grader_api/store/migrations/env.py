"""Alembic's entry: migrations run on the connection that the database hands over."""

from __future__ import annotations

from alembic import context
from grader_api.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
