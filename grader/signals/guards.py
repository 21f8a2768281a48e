"""Guards: what is wrong with an answer as an answer, whatever it is about.

A guard caps the score or only warns; it never raises one. The caps are documented constants: the highest score that an
answer of that kind may keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.grade import Flag
from grader.signals.denial import denies_throughout
from grader.signals.encoded import EncodedText
from grader.signals.enumeration import only_enumerates
from grader.signals.instructions import find_instruction
from grader.signals.language import foreign_language, hidden_text, unknown_share
from grader.signals.prepared import PreparedQuestion
from grader.signals.word_order import is_all_keywords, is_shuffled, is_word_list
from grader.text.normalize import Span
from grader.text.tokens import Token

CAPS = {
    Flag.BLANK: 0.0,
    Flag.GIBBERISH: 0.0,
    Flag.OFF_TOPIC: 0.1,
    Flag.COPIES_QUESTION: 0.1,
    Flag.INSTRUCTION_LIKE: 0.2,
    Flag.SHUFFLED: 0.3,
    Flag.KEYWORD_LIST: 0.35,
    Flag.DENIAL: 0.35,
    Flag.TOO_SHORT: 1.0,
    Flag.OTHER_LANGUAGE: 1.0,
    Flag.HIDDEN_TEXT: 1.0,
}

_FEW_WORDS = 3  # an answer of fewer words is too short to say how it was meant
_UNKNOWN_SHARE = 0.6  # of words that are neither English nor the question's
_COPIED_SHARE = 0.6  # of the question's content words
_TOPIC_COSINE = 0.2  # below it, to question, references and criteria alike, an answer is about something else …
_TOPIC_WORDS = 0.25  # … if no more of its content words than these are the question's, references' or keywords'


@dataclass(frozen=True, slots=True)
class GuardFinding:
    """A guard that fired: the cap it sets, why, and where (in the text read; None: the whole answer)."""

    flag: Flag
    cap: float
    detail: str
    span: Span | None = None


def guard_findings(
    answer: EncodedText, question: PreparedQuestion, keyword_spans: Sequence[Span]
) -> tuple[GuardFinding, ...]:
    """Every guard that fires on an answer; `keyword_spans` is where it says the keywords of the criteria."""
    if answer.reading.tokens:
        return tuple(_findings(answer, question, keyword_spans))
    if answer.reading.text.strip():
        return (_finding(Flag.GIBBERISH, "there are no words"),)
    return (_finding(Flag.BLANK, "there is no text"),)


def _findings(answer: EncodedText, question: PreparedQuestion, keyword_spans: Sequence[Span]) -> Iterator[GuardFinding]:
    tokens = answer.reading.tokens
    if len(tokens) < _FEW_WORDS:
        yield _finding(Flag.TOO_SHORT, f"{len(tokens)} word{'s' * (len(tokens) > 1)}")
    yield from _unreadable(answer, tokens, question)
    if _copies_question(tokens, question):
        yield _finding(Flag.COPIES_QUESTION, "it repeats the question and adds nothing")
    elif _is_off_topic(answer, question):
        yield _finding(Flag.OFF_TOPIC, "it is about something else")
    if _is_list(answer, question, keyword_spans):
        yield _finding(Flag.KEYWORD_LIST, "it lists words and says nothing of them")
    if denies_throughout(answer.reading, question.right):
        yield _finding(Flag.DENIAL, "it denies much of what right answers say")
    if is_shuffled(answer.reading.text, tokens, [reference.text.reading.tokens for reference in question.references]):
        yield _finding(Flag.SHUFFLED, "its words are in no readable order")
    instruction = find_instruction(answer.reading.text)
    if instruction:
        yield _finding(Flag.INSTRUCTION_LIKE, "it speaks to the grader", instruction)
    hidden = hidden_text(answer.reading.normalized, tokens)
    if hidden:
        yield _finding(Flag.HIDDEN_TEXT, hidden)


def _finding(flag: Flag, detail: str, span: Span | None = None) -> GuardFinding:
    return GuardFinding(flag, CAPS[flag], detail, span)


def _unreadable(answer: EncodedText, tokens: Sequence[Token], question: PreparedQuestion) -> Iterator[GuardFinding]:
    unknown = unknown_share(tokens, question.vocabulary)
    if unknown < _UNKNOWN_SHARE:
        return
    language = foreign_language(answer.reading.text)
    if language:
        yield _finding(Flag.OTHER_LANGUAGE, f"it seems to be written in another language ({language})")
    elif len(tokens) >= _FEW_WORDS:
        yield _finding(Flag.GIBBERISH, f"{unknown:.0%} of its words are no words")


def _copies_question(tokens: Sequence[Token], question: PreparedQuestion) -> bool:
    """Whether an answer has no content word of its own and most of the question's."""
    told = question.text.reading.content_stems
    given = {token.stem for token in tokens if token.is_content}
    return bool(told) and given <= told and len(given) / len(told) >= _COPIED_SHARE


def _is_list(answer: EncodedText, question: PreparedQuestion, keyword_spans: Sequence[Span]) -> bool:
    """Whether an answer lists words; a question that asks to name some of several may be answered by naming them."""
    tokens = answer.reading.tokens
    if all(criterion.elective for criterion in question.question.criteria):
        return False
    names_some = question.question.at_least is not None
    listed = not names_some and is_word_list(answer.reading.text, tokens)
    return (
        listed
        or is_all_keywords(answer.reading.text, tokens, keyword_spans, question.text.reading.content_stems)
        or only_enumerates(answer.reading, keyword_spans, question.enumerated)
    )


def _is_off_topic(answer: EncodedText, question: PreparedQuestion) -> bool:
    known = (question.text, *(one.text for one in question.references), *(one.text for one in question.criteria))
    nearest = max(float((answer.clauses @ text.whole).max()) for text in known)
    given = answer.reading.content_stems
    return nearest < _TOPIC_COSINE and len(given & question.vocabulary) <= len(given) * _TOPIC_WORDS
