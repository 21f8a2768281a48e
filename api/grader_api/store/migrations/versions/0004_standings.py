"""The grades that stand, for lists to go by: the database itself keeps them, whoever writes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

FILL = """
INSERT INTO standings
SELECT
    grades.seq,
    grades.tenant,
    CASE WHEN revisions.stands THEN revisions.label ELSE grades.label END,
    CASE WHEN revisions.stands THEN revisions.needs_review ELSE grades.needs_review END,
    CASE WHEN revisions.stands THEN revisions.passed ELSE grades.passed END
FROM grades LEFT JOIN revisions ON revisions.grade_id = grades.id
"""
MADE = "INSERT INTO standings VALUES (NEW.seq, NEW.tenant, NEW.label, NEW.needs_review, NEW.passed)"
REVISED = (
    "UPDATE standings SET label = NEW.label, needs_review = NEW.needs_review, passed = NEW.passed "
    "WHERE seq = (SELECT seq FROM grades WHERE id = NEW.grade_id)"
)


def upgrade() -> None:
    """Make the table, fill it, and have it follow grades and revisions."""
    op.create_table(
        "standings",
        sa.Column("seq", SERIAL, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["grades.seq"], name=op.f("fk_standings_seq"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_standings")),
    )
    op.execute(FILL)
    for name in ("label", "needs_review", "passed"):
        op.create_index(op.f(f"ix_standings_tenant_{name}_seq"), "standings", ["tenant", name, "seq"], unique=False)
    _follow("grades", "TRUE", MADE)
    _follow("revisions", "NEW.stands", REVISED)


def _follow(table: str, when: str, change: str) -> None:
    name = f"{table}_standing"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} AFTER INSERT ON {table} WHEN {when} BEGIN {change}; END")
        return
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {change}; RETURN NULL; END $$")
    op.execute(f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()")
