"""Banks: those that come with the service, and the tenant's own in all their versions."""

from __future__ import annotations

from typing import Annotated

import anyio.to_thread
from fastapi import Path, Query, Response

from grader.bank.loader import parse_bank
from grader.bank.question import Bank, Id
from grader.errors import BankError, Fault, UnknownBank
from grader_api.auth import Authoring, Principal, Reading
from grader_api.bodies import RawBody, documented, require_type, strictly, told
from grader_api.errors import BanksChanged, QuestionTaken
from grader_api.libraries import Shelf
from grader_api.problems import FaultOut, Kind, ProblemError, fault
from grader_api.routes.parts import Parts, answer, problems, router
from grader_api.schemas import BankList, BankOut, BankSummary, BankVersionList, BankVersionOut
from grader_api.scopes import Scope
from grader_api.service import Service
from grader_api.store.banks import BankChange, BankVersion, add_version, bank_versions

routes = router("banks")
_YAML = ("application/yaml", "application/x-yaml", "text/yaml")
BankId = Annotated[Id, Path()]
YAML_BODY = {"requestBody": {"content": {name: {"schema": {"type": "string"}} for name in _YAML[:1]}}}


@routes.get("/v1/banks", operation_id="list_banks", response_model=BankList)
async def get_banks(service: Parts, principal: Reading) -> Response:
    """Every bank at hand."""
    shelf = await service.shelf(principal.tenant)
    return answer(BankList(items=tuple(_summary(shelf, bank) for bank in shelf.library.banks)))


@routes.get("/v1/banks/{bank_id}", operation_id="get_bank", response_model=BankOut, responses=problems(404))
async def get_bank(
    service: Parts,
    principal: Reading,
    bank_id: str,
    number: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="An older version.")] = None,
) -> Response:
    """A bank; its document only where the key may see references and rubrics."""
    shelf = await service.shelf(principal.tenant)
    if number is None:
        bank = bank_of(shelf, bank_id)
        summary = _summary(shelf, bank)
    else:
        bank = await _older(service, principal, bank_id, number)
        summary = _summarize(bank, number, builtin=False)
    document = bank if principal.may(Scope.AUTHOR, Scope.REVIEW) else None
    return answer(BankOut(**dict(summary), document=document))


@routes.get(
    "/v1/banks/{bank_id}/versions",
    operation_id="list_bank_versions",
    response_model=BankVersionList,
    responses=problems(404),
)
async def get_bank_versions(service: Parts, principal: Reading, bank_id: str) -> Response:
    """Every version of one of the tenant's banks, newest first; those of deleted banks too."""
    versions = await _versions(service, principal, bank_id)
    items = tuple(BankVersionOut(number=one.number, version=one.version, created_at=one.created_at) for one in versions)
    return answer(BankVersionList(items=items))


@routes.put(
    "/v1/banks/{bank_id}",
    operation_id="put_bank",
    response_model=BankSummary,
    responses=problems(404, 409) | {201: {"model": BankSummary, "description": "The bank is new."}},
    openapi_extra=YAML_BODY,
)
async def put_bank(
    service: Parts, principal: Authoring, bank_id: BankId, body: Annotated[RawBody, *documented(Bank)]
) -> Response:
    """Keep a bank, as JSON or YAML. The same content again makes no new version."""
    require_type(body, "application/json", *_YAML)
    bank = await anyio.to_thread.run_sync(_parse, body)
    if bank.bank != bank_id:
        raise _invalid([fault("bank", f"must be {bank_id!r}, as in the path", bank.bank)])
    _refuse_builtin(service, bank_id)
    shelf = await anyio.to_thread.run_sync(service.libraries.shelf, principal.tenant)
    try:
        service.libraries.check(shelf, bank)
    except QuestionTaken as error:
        taken = [fault(f"questions[{error.place}].id", f"stands in bank {error.bank!r}", error.question_id)]
        raise ProblemError(Kind.QUESTION_TAKEN, str(error), errors=taken) from error
    number = shelf.numbers.get(bank_id)
    if number is not None and shelf.library.bank(bank_id).content_hash == bank.content_hash:
        return answer(_summarize(bank, number, builtin=False))
    document = await anyio.to_thread.run_sync(bank.model_dump_json)
    added = await _change(service, principal, shelf, bank_id, (bank.content_hash, document))
    return answer(_summarize(bank, added.number, builtin=False), 201 if number is None else 200)


@routes.delete("/v1/banks/{bank_id}", operation_id="delete_bank", status_code=204, responses=problems(404, 409))
async def delete_bank(service: Parts, principal: Authoring, bank_id: str) -> Response:
    """Delete a bank. Its versions are kept, and so are the grades that name them."""
    _refuse_builtin(service, bank_id)
    shelf = await anyio.to_thread.run_sync(service.libraries.shelf, principal.tenant)
    bank_of(shelf, bank_id)
    await _change(service, principal, shelf, bank_id, None)
    return Response(status_code=204)


def bank_of(shelf: Shelf, bank_id: str) -> Bank:
    """A bank of a shelf.

    Raises:
        ProblemError: it has none of this id.
    """
    try:
        return shelf.library.bank(bank_id)
    except UnknownBank as error:
        told = f"bank {bank_id!r} was deleted" if bank_id in shelf.deleted else str(error)
        errors = [fault("bank", "is not known", bank_id)]
        raise ProblemError(Kind.UNKNOWN_BANK, told, errors=errors, nearest=error.nearest) from error


async def _change(
    service: Service, principal: Principal, shelf: Shelf, bank_id: str, content: tuple[str, str] | None
) -> BankVersion:
    """Keep a version, and have the next request see it."""
    change = BankChange(principal.tenant, principal.actor, bank_id, content, shelf.stamp)
    try:
        added = await service.write(add_version, change)
    except BanksChanged as error:
        raise ProblemError(Kind.CHANGED, str(error), headers={"retry-after": "0"}) from error
    await anyio.to_thread.run_sync(service.libraries.shelf, principal.tenant)
    return added


async def _versions(service: Service, principal: Principal, bank_id: str) -> list[BankVersion]:
    found = await service.read(bank_versions, principal.tenant, bank_id) if bank_id.isprintable() else []
    if not found:
        raise ProblemError(Kind.UNKNOWN_BANK, f"the tenant has no bank {bank_id[:100]!r} of its own")
    return found


async def _older(service: Service, principal: Principal, bank_id: str, number: int) -> Bank:
    for one in await _versions(service, principal, bank_id):
        if one.number == number and one.document is not None:
            return await anyio.to_thread.run_sync(Bank.model_validate_json, one.document)
    raise ProblemError(Kind.UNKNOWN_BANK, f"bank {bank_id!r} has no version {number} that could be shown")


def _summary(shelf: Shelf, bank: Bank) -> BankSummary:
    builtin = bank.bank not in shelf.numbers
    return _summarize(bank, shelf.numbers.get(bank.bank, 0), builtin=builtin)


def _summarize(bank: Bank, number: int, *, builtin: bool) -> BankSummary:
    return BankSummary(
        bank=bank.bank,
        title=bank.title,
        language=bank.language,
        version=bank.content_hash,
        number=number,
        builtin=builtin,
        questions=len(bank.questions),
        criteria=sum(len(question.criteria) for question in bank.questions),
        exemplars=sum(len(question.exemplars) for question in bank.questions),
    )


def _refuse_builtin(service: Service, bank_id: str) -> None:
    if any(bank.bank == bank_id for bank in service.libraries.builtin.banks):
        raise ProblemError(Kind.READ_ONLY_BANK, f"bank {bank_id!r} comes with the service")


def _parse(body: RawBody) -> Bank:
    if body.media_type == "application/json":
        return told(strictly(Bank), body)
    try:
        return parse_bank(body.decode("utf-8-sig"), source="body")
    except UnicodeDecodeError as error:
        raise _invalid([fault("", f"not UTF-8 at byte {error.start}")]) from error
    except BankError as error:
        raise _invalid([_fault_out(one) for one in error.faults]) from error


def _fault_out(one: Fault) -> FaultOut:
    return FaultOut(path=one.path, message=one.reason, line=one.line)


def _invalid(faults: list[FaultOut]) -> ProblemError:
    first = faults[0]
    return ProblemError(Kind.INVALID_BANK, f"{first.path}: {first.message}".removeprefix(": "), errors=faults)
