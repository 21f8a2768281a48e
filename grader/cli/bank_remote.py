"""A service's banks, as far as the key may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from grader.cli.bank_table import show_asked, show_bank, show_question, show_summary

if TYPE_CHECKING:
    from grader_api.client import Client
    from grader_api.schemas import BankOut

    from grader.bank.question import Bank


def show_of_service(client: Client, item: str, *, as_json: bool) -> None:
    """Print a bank, or a question, to stdout: in full where the key may see its rubric.

    Raises:
        NotThere: it is neither.
    """
    if any(bank.bank == item for bank in client.list_banks()):
        _show_bank(client, client.get_bank(item), as_json=as_json)
    else:
        show_question_of_service(client, item, as_json=as_json)


def show_question_of_service(client: Client, question_id: str, *, as_json: bool) -> None:
    """Print a question to stdout: in full where the key may see its rubric.

    Raises:
        NotThere: there is none of this id.
    """
    asked = client.get_question(question_id)
    bank = client.get_bank(asked.bank).document if asked.references is not None else None
    whole = next((one for one in bank.questions if one.id == question_id), None) if bank else None
    if as_json:
        typer.echo((whole or asked).model_dump_json(indent=2))
    elif whole is not None:
        show_question(whole)
    else:
        show_asked(asked)


def document_of_service(client: Client, bank_id: str) -> Bank:
    """A whole bank.

    Raises:
        NotThere: there is none of this id.
        NotAllowed: the key may not see its rubrics.
    """
    from grader_api.errors import NotAllowed

    document = client.get_bank(bank_id).document
    if document is None:
        raise NotAllowed(f"bank {bank_id!r} is shown whole to keys with the scope author or review")
    return document


def _show_bank(client: Client, bank: BankOut, *, as_json: bool) -> None:
    from grader_api.schemas import QuestionFilters

    if as_json:
        typer.echo((bank.document or bank).model_dump_json(indent=2))
    elif bank.document is not None:
        show_bank(bank.document)
    else:
        show_summary(bank, list(client.iter_questions(QuestionFilters(bank=bank.bank))))
