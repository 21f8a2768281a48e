"""A batch as it comes: its table to a file on disk, then in pieces into the database."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

import anyio.to_thread
from pydantic_core import to_json
from sqlalchemy import Connection

from grader.batch.columns import ALIASES
from grader.batch.survey import Choice
from grader.batch.tables.formats import Format
from grader.batch.tables.writing import check_writable
from grader.errors import ExtraMissing, TableError
from grader_api.auth import Principal
from grader_api.batches.plan import Plan, Webhook
from grader_api.errors import WebhookRefused
from grader_api.problems import Kind, ProblemError, fault
from grader_api.schemas import BatchAnswer, BatchOptions
from grader_api.service import Service
from grader_api.store.batches import BatchRow, add_batch, add_piece
from grader_api.store.grades import new_id
from grader_api.store.replies import Claim, Reply, record_reply
from grader_api.webhooks import Endpoint, check_endpoint

INLINE = "jsonl"
_PIECE = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Received:
    """A table as it came: a file, open at its beginning, and the SHA-256 (hex) of what is in it."""

    file: BinaryIO
    digest: str


@contextmanager
def empty_file() -> Iterator[BinaryIO]:
    """A file on disk that goes when it is closed."""
    with tempfile.TemporaryFile(prefix="grader-upload-") as file:
        yield file


async def receive(stream: AsyncIterator[bytes], file: BinaryIO) -> Received:
    """Write what comes to a file, as it comes."""
    digest = hashlib.sha256()
    async for part in stream:
        digest.update(part)
        await anyio.to_thread.run_sync(file.write, part)
    file.seek(0)
    return Received(file, digest.hexdigest())


def as_lines(rows: Sequence[BatchAnswer], file: BinaryIO) -> Received:
    """Rows that were sent along, as a table of JSON lines."""
    content = b"".join(to_json(row.model_dump(exclude_defaults=True)) + b"\n" for row in rows)
    file.write(content)
    file.seek(0)
    return Received(file, hashlib.sha256(content).hexdigest())


def plan_of(options: BatchOptions, input_format: str | None, columns: Sequence[str] = ()) -> Plan:
    """How the table is to be read and written.

    Raises:
        ProblemError: a format is unknown or cannot be written here, or a column is none of ours.
    """
    told = options.input_format or input_format
    path = "name" if told is None else "input_format"
    try:
        reading = str(Format.of(told or options.name))
        path = "output_format"
        writing = Format.of(options.output_format or reading)
        check_writable(writing)
    except (TableError, ExtraMissing) as error:
        why = error.faults[0].reason if isinstance(error, TableError) else str(error)
        raise _invalid(path, why, options.output_format if path == "output_format" else told or options.name) from error
    return Plan(
        name=options.name,
        input_format=reading,
        output_format=str(writing),
        columns=_mapping(columns),
        encoding=options.encoding,
        delimiter=options.delimiter,
        choice=Choice(options.limit, options.sample, options.seed),
        strict=options.strict,
    )


async def webhook_of(service: Service, url: str | None, secret: str | None) -> Webhook | None:
    """Where to tell that the batch has ended.

    Raises:
        ProblemError: nothing can be sent there.
    """
    if url is None and secret is None:
        return None
    if url is None or secret is None:
        raise _invalid("webhook_url", "webhook_url and webhook_secret go together")
    private = service.settings.webhooks_to_private
    try:
        await anyio.to_thread.run_sync(lambda: check_endpoint(Endpoint(url, secret), allow_private=private))
    except WebhookRefused as error:
        raise _invalid("webhook_url", str(error)) from error
    return Webhook(url=url, secret=secret)


def batch_row(principal: Principal, plan: Plan, webhook: Webhook | None) -> BatchRow:
    """A new batch."""
    return BatchRow(
        id=new_id("batch"),
        tenant=principal.tenant,
        actor=principal.actor,
        name=plan.name,
        created_at=datetime.now(UTC),
        plan=plan.model_dump_json(),
        webhook=webhook.model_dump_json() if webhook else None,
    )


async def keep_batch(service: Service, row: BatchRow, received: Received, claim: Claim | None, reply: Reply) -> None:
    """Keep a table, piece by piece, and then the batch with the reply to its request: before that there is none."""
    number = 0
    while piece := await anyio.to_thread.run_sync(received.file.read, _PIECE):
        await service.write(add_piece, row.id, number, piece)
        number += 1
    await service.write(_keep, row, claim, reply)


def _keep(connection: Connection, row: BatchRow, claim: Claim | None, reply: Reply) -> None:
    if claim is not None:
        record_reply(connection, claim, reply)
    add_batch(connection, row)


def _mapping(columns: Sequence[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for place, one in enumerate(columns):
        ours, equals, theirs = one.partition("=")
        if not equals or ours not in ALIASES or not theirs:
            raise _invalid(f"column[{place}]", f"is written OURS=THEIRS; ours are {', '.join(ALIASES)}", one)
        mapping[ours] = theirs
    return mapping


def _invalid(path: str, why: str, value: object = None) -> ProblemError:
    return ProblemError(Kind.INVALID_REQUEST, f"{path}: {why}", errors=[fault(path, why, value)])
