"""The tables. The migrations make them; a test holds the two equal."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows only in a column of type INTEGER
Serial = BigInteger().with_variant(Integer(), "sqlite")
_ID, _WORD, _DIGEST = String(80), String(200), String(64)


class Moment(TypeDecorator[datetime]):
    """A time in UTC; SQLite keeps no zone, so it is taken off and put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time as the database keeps it."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time as the service reads it."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


KEYS = Table(
    "keys",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("tenant", _WORD, nullable=False),
    Column("name", _WORD, nullable=False),
    Column("scopes", _WORD, nullable=False),
    Column("secret_hash", _DIGEST, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

BANKS = Table(
    "bank_versions",
    METADATA,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("tenant", _WORD, nullable=False),
    Column("bank", _ID, nullable=False),
    Column("number", Integer, nullable=False),
    Column("version", _DIGEST),  # None where the bank was deleted
    Column("document", Text),  # the same
    Column("created_at", Moment, nullable=False),
    Column("actor", _ID, nullable=False),
    UniqueConstraint("tenant", "bank", "number"),
)

GRADES = Table(
    "grades",
    METADATA,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", _ID, nullable=False, unique=True),
    Column("tenant", _WORD, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("question_id", _ID),
    Column("bank", _ID),
    Column("candidate_id", _WORD),
    Column("label", String(20), nullable=False),
    Column("needs_review", Boolean, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("score", Float, nullable=False),
    Column("supersedes", _ID, unique=True),
    Column("actor", _ID, nullable=False),
    Column("salt", String(32), nullable=False),
    Column("request", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Index(None, "tenant", "seq"),
    Index(None, "tenant", "question_id", "seq"),
    Index(None, "tenant", "candidate_id", "seq"),
    Index(None, "tenant", "needs_review", "seq"),
    Index(None, "created_at"),
)

OVERRIDES = Table(
    "overrides",
    METADATA,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", _ID, nullable=False, unique=True),
    Column("grade_id", _ID, ForeignKey("grades.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("actor", _ID, nullable=False),
    Column("salt", String(32), nullable=False),
    Column("override", Text, nullable=False),
)

REVISIONS = Table(
    "revisions",
    METADATA,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", _ID, nullable=False, unique=True),
    Column("grade_id", _ID, ForeignKey("grades.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("actor", _ID, nullable=False),
    Column("salt", String(32), nullable=False),
    Column("stands", Boolean, nullable=False),
    Column("label", String(20), nullable=False),
    Column("needs_review", Boolean, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("score", Float, nullable=False),
    Column("grade", Text, nullable=False),
)

# of each grade, what lists go by: of its revision where that stands, else its own; triggers keep it
STANDINGS = Table(
    "standings",
    METADATA,
    Column("seq", Serial, ForeignKey("grades.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("tenant", _WORD, nullable=False),
    Column("label", String(20), nullable=False),
    Column("needs_review", Boolean, nullable=False),
    Column("passed", Boolean, nullable=False),
    Index(None, "tenant", "label", "seq"),
    Index(None, "tenant", "needs_review", "seq"),
    Index(None, "tenant", "passed", "seq"),
)

AWAITED_REVISIONS = Table(
    "awaited_revisions",
    METADATA,
    Column("grade_id", _ID, ForeignKey("grades.id", ondelete="CASCADE"), primary_key=True),
    Column("created_at", Moment, nullable=False, index=True),
    Column("webhook", Text),  # None where nobody is to be told
    Column("revised", Boolean, nullable=False),  # whether it was made, and is still to be told of
)

REPLIES = Table(
    "replies",
    METADATA,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("tenant", _WORD, nullable=False),
    Column("key", String(255), nullable=False),
    Column("fingerprint", _DIGEST, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
    Column("status", Integer, nullable=False),
    Column("location", String(500)),
    Column("body", Text, nullable=False),
    UniqueConstraint("tenant", "key"),
)

REPLY_SUBJECTS = Table(
    "reply_subjects",
    METADATA,
    Column("reply", Serial, ForeignKey("replies.seq", ondelete="CASCADE"), primary_key=True),
    Column("grade_id", _ID, primary_key=True),
    Index(None, "grade_id"),
)

LOG = Table(
    "log",
    METADATA,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("tenant", _WORD, nullable=False),
    Column("actor", _ID, nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", _WORD, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", _DIGEST, nullable=False),
    Column("hash", _DIGEST, nullable=False),
)

LOG_HEAD = Table(
    "log_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Serial, nullable=False),
    Column("hash", _DIGEST, nullable=False),
)

BATCHES = Table(
    "batches",
    METADATA,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", _ID, nullable=False, unique=True),
    Column("tenant", _WORD, nullable=False),
    Column("actor", _ID, nullable=False),
    Column("name", _WORD, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("status", String(20), nullable=False),
    Column("plan", Text, nullable=False),
    Column("layout", Text),  # None until the table was read
    Column("total", Integer, nullable=False),
    Column("completed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("faults", Text, nullable=False),
    Column("webhook", Text),  # None where there is none, or it was sent
    Index(None, "tenant", "seq"),
    Index(None, "status"),
)

BATCH_UPLOADS = Table(
    "batch_uploads",
    METADATA,
    Column("batch", _ID, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("created_at", Moment, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
)

BATCH_ROWS = Table(
    "batch_rows",
    METADATA,
    Column("batch", _ID, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("line", Integer, nullable=False),
    Column("candidate_id", Text, index=True),
    Column("cells", Text, nullable=False),
    Column("fault", Text),  # None where the row could be read
    Column("outcome", Text),  # None until it is graded
)

BATCH_PORTIONS = Table(
    "batch_portions",
    METADATA,
    Column("batch", _ID, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
)

REPLICAS = Table(
    "replicas",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("seen_at", Moment, nullable=False),
)
