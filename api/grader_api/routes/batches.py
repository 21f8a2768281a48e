"""Batches: tables of answers, taken, graded in spare time, given back."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio.to_thread
from fastapi import Depends, Header, Query, Request, Response
from sqlalchemy import Connection
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, StreamingResponse

from grader_api.auth import Grading, Principal, allows
from grader_api.batches.figures import figures_of
from grader_api.batches.receiving import (
    INLINE,
    Received,
    as_lines,
    batch_row,
    empty_file,
    keep_batch,
    plan_of,
    receive,
    webhook_of,
)
from grader_api.batches.showing import show_batch
from grader_api.batches.writing import Written, write_batch
from grader_api.bodies import RawBody, parse, strictly
from grader_api.events import changes
from grader_api.once import IdempotencyKey
from grader_api.pages import from_cursor, to_cursor
from grader_api.problems import Kind, ProblemError, fault
from grader_api.routes.parts import EVENTS, Keeping, Parts, Repeats, answer, problems, router
from grader_api.schemas import (
    BatchCreate,
    BatchFigures,
    BatchFilters,
    BatchOut,
    BatchPage,
    BatchPart,
    BatchUpload,
    FiguresFilters,
)
from grader_api.scopes import Scope
from grader_api.service import Service
from grader_api.store.batches import ENDED, BatchRow, find_batch, list_batches, move
from grader_api.store.log import Entry
from grader_api.store.log import append as log
from grader_api.store.replies import Claim, Reply, find_reply

routes = router("batches")
_LIST = "batches"
_JSON = "application/json"
_FORMATS = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/vnd.apache.parquet": "parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
_BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}  # Any: OpenAPI's JSON
_TAKEN = (*_FORMATS, "application/octet-stream")
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "Answers as JSON; or a table, which is read as its media type says, or its `name`.",
        "content": {_JSON: {"schema": {"$ref": "#/components/schemas/BatchCreate"}}} | dict.fromkeys(_TAKEN, _BYTES),
    }
}
_FILE: dict[int | str, dict[str, Any]] = {200: {"description": "The table.", "content": {"*/*": _BYTES}}}
_EVENTS: dict[int | str, dict[str, Any]] = {200: {"description": "The batch, each time it changes.", "content": EVENTS}}

Following = Annotated[Principal, Depends(allows(Scope.READ, Scope.GRADE))]


@routes.post(
    "/v1/batches",
    operation_id="create_batch",
    status_code=201,
    response_model=BatchOut,
    responses=problems(409),
    openapi_extra=_BODY,
)
async def create_batch(
    request: Request,
    service: Parts,
    once: Repeats,
    keeper: Keeping,
    principal: Grading,
    options: Annotated[BatchUpload, Query()],
    webhook_secret: Annotated[str | None, Header(max_length=200)] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Have answers graded in spare time: a few as JSON, or a table, whose options stand in the query."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    with empty_file() as file:
        if media_type == _JSON:
            create = await parse(await _raw(request), strictly(BatchCreate))
            received, plan = as_lines(create.rows, file), plan_of(create, INLINE)
            webhook = await webhook_of(service, create.webhook_url, create.webhook_secret)
            told = f"{create.model_dump_json()}"
        elif media_type in _TAKEN:
            plan = plan_of(options, _FORMATS.get(media_type) if options.name == "batch" else None, options.column)
            webhook = await webhook_of(service, options.webhook_url, webhook_secret)
            received = await receive(request.stream(), file)
            told = f"{plan.model_dump_json()}\n{webhook}"
        else:
            sent = media_type or "nothing"
            detail = f"Content-Type says {sent[:100]!r}; send {_JSON} or {', '.join(_TAKEN)}"
            raise ProblemError(Kind.UNSUPPORTED_MEDIA_TYPE, detail)
        work = partial(_create, service, received, batch_row(principal, plan, webhook))
        response = await once.reply(
            request, principal, idempotency_key, RawBody(f"{received.digest}\n{told}".encode()), work
        )
    keeper.nudge()
    return response


async def _raw(request: Request) -> RawBody:
    raw = await request.body()
    if not isinstance(raw, RawBody):
        raise TypeError("the route is not one of RawRoute")
    return raw


async def _create(service: Service, received: Received, row: BatchRow, claim: Claim | None) -> Reply:
    reply = Reply(201, show_batch(row).model_dump_json(), f"/v1/batches/{row.id}")
    await keep_batch(service, row, received, claim, reply)
    return reply


@routes.get("/v1/batches", operation_id="list_batches", response_model=BatchPage)
async def get_batches(service: Parts, principal: Following, filters: Annotated[BatchFilters, Query()]) -> Response:
    """The tenant's batches, newest first."""
    if filters.idempotency_key is not None:
        made = await service.read(_made_with, principal.tenant, filters.idempotency_key)
        return answer(BatchPage(items=() if made is None else (show_batch(made),), next_cursor=None))
    before, limit = from_cursor(_LIST, filters.cursor), filters.limit
    found = await service.read(list_batches, principal.tenant, limit=limit + 1, before=before)
    more = to_cursor(_LIST, found[limit - 1][0]) if len(found) > limit else None
    return answer(BatchPage(items=tuple(show_batch(row) for _, row in found[:limit]), next_cursor=more))


def _made_with(connection: Connection, tenant: str, key: str) -> BatchRow | None:
    known = find_reply(connection, Claim(tenant, key, fingerprint=""))
    location = "" if known is None else known[1].location or ""
    return find_batch(connection, location.removeprefix("/v1/batches/"), tenant)


@routes.get("/v1/batches/{batch_id}", operation_id="get_batch", response_model=BatchOut, responses=problems(404))
async def get_batch(service: Parts, principal: Following, batch_id: str) -> Response:
    """A batch: where it stands, and its counts."""
    return answer(show_batch(await _kept(service, principal, batch_id)))


@routes.post(
    "/v1/batches/{batch_id}/cancel",
    operation_id="cancel_batch",
    response_model=BatchOut,
    responses=problems(404, 409),
)
async def cancel_batch(service: Parts, keeper: Keeping, principal: Grading, batch_id: str) -> Response:
    """Have a batch end now. The rows that are graded are kept."""
    batch = await _kept(service, principal, batch_id)
    if not await service.write(_cancel, batch, principal.actor) and batch.status != "cancelling":
        raise ProblemError(Kind.BATCH_ENDED, "there is nothing left to cancel")
    keeper.nudge()
    return answer(show_batch(await _kept(service, principal, batch_id)))


def _cancel(connection: Connection, batch: BatchRow, actor: str) -> bool:
    if not move(connection, batch.id, "cancelling", "validating", "in_progress"):
        return False
    log(connection, [Entry(batch.tenant, actor, "batch.cancelled", batch.id)])
    return True


@routes.get("/v1/batches/{batch_id}/output", operation_id="get_batch_output", responses=_FILE | problems(404, 409))
async def get_batch_output(
    service: Parts, principal: Following, batch_id: str, part: Annotated[BatchPart, Query()]
) -> Response:
    """The table with what became of each row; of a cancelled batch, the rows that were graded. Ranges are served."""
    return await _file(service, await _readable(service, principal, batch_id, part), only_errors=False)


@routes.get("/v1/batches/{batch_id}/errors", operation_id="get_batch_errors", responses=_FILE | problems(404, 409))
async def get_batch_errors(
    service: Parts, principal: Following, batch_id: str, part: Annotated[BatchPart, Query()]
) -> Response:
    """The rows that could not be graded, each with its error."""
    return await _file(service, await _readable(service, principal, batch_id, part), only_errors=True)


@routes.get(
    "/v1/batches/{batch_id}/figures",
    operation_id="get_batch_figures",
    response_model=BatchFigures,
    responses=problems(404, 409),
)
async def get_batch_figures(
    service: Parts, principal: Following, batch_id: str, filters: Annotated[FiguresFilters, Query()]
) -> Response:
    """What came of the rows: labels, scores, errors; with `detailed`, by question and what a person should look at."""
    batch = await _readable(service, principal, batch_id, filters)
    work = partial(figures_of, service.database, batch, detailed=filters.detailed)
    return answer(await anyio.to_thread.run_sync(work, limiter=service.threads))


async def _readable(service: Service, principal: Principal, batch_id: str, part: BatchPart) -> BatchRow:
    """A batch that has ended, or one whose table is read where a part is asked for."""
    batch = await _kept(service, principal, batch_id)
    if batch.status not in ENDED and not (part.partial and batch.layout is not None):
        raise ProblemError(Kind.BATCH_UNFINISHED, f"the batch is {batch.status}", headers={"retry-after": "1"})
    return batch


async def _file(service: Service, batch: BatchRow, *, only_errors: bool) -> Response:
    folder = Path(tempfile.mkdtemp(prefix="grader-output-"))
    try:
        write = partial(write_batch, service.database, batch, folder / "table", only_errors=only_errors)
        written: Written = await anyio.to_thread.run_sync(write, limiter=service.threads)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return FileResponse(
        written.path,
        media_type=written.media_type,
        headers={"etag": written.tag},
        background=BackgroundTask(shutil.rmtree, folder),
    )


@routes.get("/v1/batches/{batch_id}/events", operation_id="get_batch_events", responses=_EVENTS | problems(404))
async def get_batch_events(service: Parts, principal: Following, batch_id: str) -> Response:
    """Server-sent events: the batch now, and again each time it has changed, until it has ended."""
    batch = await _kept(service, principal, batch_id)
    return StreamingResponse(_changes(service, batch), media_type="text/event-stream")


def _changes(service: Service, batch: BatchRow) -> AsyncIterator[str]:
    return changes(
        lambda: service.read(find_batch, batch.id),
        lambda found: f"event: batch\ndata: {show_batch(found).model_dump_json()}\n\n",
        lambda found: found.status in ENDED,
        service.leaving.is_set,
        service.settings.request_timeout_s,
    )


async def _kept(service: Service, principal: Principal, batch_id: str) -> BatchRow:
    found = await service.read(find_batch, batch_id, principal.tenant) if batch_id.isprintable() else None
    if found is None:
        shown = batch_id[:100]
        raise ProblemError(
            Kind.UNKNOWN_BATCH, f"there is no batch {shown!r}", errors=[fault("batch_id", "is not known", shown)]
        )
    return found
