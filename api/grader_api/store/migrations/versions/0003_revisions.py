"""Revisions of grades by a language model, and those that are awaited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; a revision can be added and not changed."""
    op.create_table(
        "revisions",
        sa.Column("seq", SERIAL, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("grade_id", sa.String(length=80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["grade_id"], ["grades.id"], name=op.f("fk_revisions_grade_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_revisions")),
        sa.UniqueConstraint("id", name=op.f("uq_revisions_id")),
        sa.UniqueConstraint("grade_id", name=op.f("uq_revisions_grade_id")),
    )
    op.create_table(
        "awaited_revisions",
        sa.Column("grade_id", sa.String(length=80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("webhook", sa.Text(), nullable=True),
        sa.Column("revised", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grade_id"], ["grades.id"], name=op.f("fk_awaited_revisions_grade_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("grade_id", name=op.f("pk_awaited_revisions")),
    )
    op.create_index(op.f("ix_awaited_revisions_created_at"), "awaited_revisions", ["created_at"], unique=False)
    _freeze("revisions")


def _freeze(table: str) -> None:
    name = f"{table}_no_update"
    if op.get_bind().dialect.name == "sqlite":
        refusal = f"SELECT RAISE(ABORT, '{table}: UPDATE refused')"
        op.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} BEGIN {refusal}; END")
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table}: UPDATE refused'; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
