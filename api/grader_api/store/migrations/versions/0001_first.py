"""The tables as they were first; grades, overrides, versions and the log can be added to and not changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FROZEN = {
    "grades": ("UPDATE",),  # rows are erased, never changed
    "overrides": ("UPDATE",),
    "bank_versions": ("UPDATE", "DELETE"),
    "log": ("UPDATE", "DELETE"),
}


def upgrade() -> None:
    """Make the tables."""
    _make_tables()
    op.execute(sa.text("INSERT INTO log_head (id, seq, hash) VALUES (1, 0, :start)").bindparams(start="0" * 64))
    for table, changes in FROZEN.items():
        for change in changes:
            _freeze(table, change)


def _freeze(table: str, change: str) -> None:
    name = f"{table}_no_{change.lower()}"
    if op.get_bind().dialect.name == "sqlite":
        refusal = f"SELECT RAISE(ABORT, '{table}: {change} refused')"
        op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {table} BEGIN {refusal}; END")
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table}: {change} refused'; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _make_tables() -> None:
    op.create_table(
        "bank_versions",
        sa.Column("seq", SERIAL, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("bank", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_bank_versions")),
        sa.UniqueConstraint("tenant", "bank", "number", name=op.f("uq_bank_versions_tenant_bank_number")),
    )
    op.create_table(
        "grades",
        sa.Column("seq", SERIAL, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("question_id", sa.String(length=80), nullable=True),
        sa.Column("bank", sa.String(length=80), nullable=True),
        sa.Column("candidate_id", sa.String(length=200), nullable=True),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("supersedes", sa.String(length=80), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_grades")),
        sa.UniqueConstraint("id", name=op.f("uq_grades_id")),
        sa.UniqueConstraint("supersedes", name=op.f("uq_grades_supersedes")),
    )
    op.create_index(op.f("ix_grades_created_at"), "grades", ["created_at"], unique=False)
    op.create_index(
        op.f("ix_grades_tenant_candidate_id_seq"), "grades", ["tenant", "candidate_id", "seq"], unique=False
    )
    op.create_index(
        op.f("ix_grades_tenant_needs_review_seq"), "grades", ["tenant", "needs_review", "seq"], unique=False
    )
    op.create_index(op.f("ix_grades_tenant_question_id_seq"), "grades", ["tenant", "question_id", "seq"], unique=False)
    op.create_index(op.f("ix_grades_tenant_seq"), "grades", ["tenant", "seq"], unique=False)
    op.create_table(
        "keys",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
    )
    op.create_table(
        "log",
        sa.Column("seq", SERIAL, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_log")),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "replies",
        sa.Column("seq", SERIAL, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_replies")),
        sa.UniqueConstraint("tenant", "key", name=op.f("uq_replies_tenant_key")),
    )
    op.create_index(op.f("ix_replies_created_at"), "replies", ["created_at"], unique=False)
    op.create_table(
        "overrides",
        sa.Column("seq", SERIAL, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("grade_id", sa.String(length=80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("override", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["grade_id"], ["grades.id"], name=op.f("fk_overrides_grade_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_overrides")),
        sa.UniqueConstraint("id", name=op.f("uq_overrides_id")),
    )
    op.create_index(op.f("ix_overrides_grade_id"), "overrides", ["grade_id"], unique=False)
    op.create_table(
        "reply_subjects",
        sa.Column("reply", SERIAL, nullable=False),
        sa.Column("grade_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["reply"], ["replies.seq"], name=op.f("fk_reply_subjects_reply"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("reply", "grade_id", name=op.f("pk_reply_subjects")),
    )
    op.create_index(op.f("ix_reply_subjects_grade_id"), "reply_subjects", ["grade_id"], unique=False)
