"""`grader questions`: what can be asked, in every bank at hand or of a running service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.bank_remote import show_question_of_service
from grader.cli.bank_table import Row, print_table, show_question
from grader.cli.options import AsJson, BankPaths, CacheDir, Device, Dtype, Model, settings
from grader.cli.progress import progress_bar
from grader.cli.remote import Server, connect

if TYPE_CHECKING:
    from grader_api.schemas import QuestionOut

    from grader.bank.question import Bank, Question
    from grader.encoders.protocol import Floats
    from grader.settings import Settings

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The questions of all banks.")
_TOGETHER = 32  # texts encoded between two steps of the bar

OfBank = Annotated[str | None, typer.Option("--bank", envvar="GRADER_BANK", help="Only questions of this bank.")]


@app.command("list")
def list_questions(
    context: typer.Context,
    bank: OfBank = None,
    topic: Annotated[str | None, typer.Option(envvar="GRADER_TOPIC", help="Only questions on this topic.")] = None,
    as_json: AsJson = False,
    server: Server = None,
    banks: BankPaths = None,
    cache_dir: CacheDir = None,
) -> None:
    """List questions, by bank and in its order."""
    if server:
        from grader_api.schemas import QuestionFilters

        with connect(context, server) as client:
            found = client.iter_questions(QuestionFilters(bank=bank, topic=topic))
            rows = [_row(one.bank, one) for one in found]
    else:
        asked = _asked(settings(banks=banks, cache_dir=cache_dir), bank)
        rows = [_row(of.bank, one) for of, one in asked if topic is None or one.topic == topic]
    _print(rows, as_json=as_json)


@app.command()
def show(
    context: typer.Context,
    question_id: Annotated[str, typer.Argument(metavar="QUESTION_ID", help="A question's id.")],
    as_json: AsJson = False,
    server: Server = None,
    banks: BankPaths = None,
    cache_dir: CacheDir = None,
) -> None:
    """Show a question with its references and rubric."""
    if server:
        with connect(context, server) as client:
            show_question_of_service(client, question_id, as_json=as_json)
        return
    from grader.bank.library import load_library

    chosen = settings(banks=banks, cache_dir=cache_dir)
    _, question = load_library(chosen.banks, chosen.cache_dir).question(question_id)
    show_question(question) if not as_json else typer.echo(question.model_dump_json(indent=2))


@app.command()
def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What the question is about, in any words.")],
    bank: OfBank = None,
    limit: Annotated[int, typer.Option(envvar="GRADER_LIMIT", min=1, max=200, help="The most to find.")] = 10,
    as_json: AsJson = False,
    server: Server = None,
    banks: BankPaths = None,
    model: Model = None,
    device: Device = None,
    dtype: Dtype = None,
    cache_dir: CacheDir = None,
) -> None:
    """Find the questions nearest in meaning, nearest first.

    Example: grader questions search "why do gradients vanish"
    """
    if not query.strip():
        raise typer.BadParameter("say what to look for", param_hint="QUERY")
    if server:
        from grader_api.schemas import SearchCreate

        with connect(context, server) as client:
            hits = client.search_questions(SearchCreate(query=query, bank=bank, limit=limit)).items
        rows = [_row(one.question.bank, one.question, one.similarity) for one in hits]
    else:
        chosen = settings(banks=banks, model=model, device=device, dtype=dtype, cache_dir=cache_dir)
        rows = _search(chosen, query, bank, limit)
    _print(rows, as_json=as_json)


def _search(chosen: Settings, query: str, bank: str | None, limit: int) -> list[Row]:
    import numpy as np

    from grader.encoders.nearest import nearest

    asked = _asked(chosen, bank)
    vectors = _vectors(chosen, [*(question.question for _, question in asked), query])
    found = nearest(np.stack(vectors[:-1]), vectors[-1], limit)
    return [_row(asked[place][0].bank, asked[place][1], cosine) for place, cosine in found]


def _vectors(chosen: Settings, texts: list[str]) -> list[Floats]:
    from grader.encoders.sentence import load_encoder

    encoder = load_encoder(chosen.model, chosen.device, chosen.dtype)
    vectors = []
    with progress_bar("reading questions", len(texts)) as advance:
        for first in range(0, len(texts), _TOGETHER):
            part = texts[first : first + _TOGETHER]
            vectors += [encoding.vector for encoding in encoder.encode(part)]
            advance(len(part))
    return vectors


def _asked(chosen: Settings, bank_id: str | None) -> list[tuple[Bank, Question]]:
    from grader.bank.library import load_library

    library = load_library(chosen.banks, chosen.cache_dir)
    banks = library.banks if bank_id is None else (library.bank(bank_id),)
    return [(bank, question) for bank in banks for question in bank.questions]


def _row(bank_id: str, question: Question | QuestionOut, similarity: float | None = None) -> Row:
    row: Row = {
        "id": question.id,
        "bank": bank_id,
        "question": question.question,
        "topic": question.topic or "",
        "difficulty": question.difficulty or "",
        "max_points": question.max_points,
    }
    return row if similarity is None else {"similarity": similarity, **row}


def _print(rows: list[Row], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        print_table(rows)
