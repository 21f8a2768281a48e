"""What encoding a bank finds wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from fakes import DROPOUT, DROPOUT_BANK, PLANETS

from grader.bank.question import Bank, Question
from grader.encoders.hashing import HashingEncoder
from grader.encoders.protocol import Encoding
from grader.evaluation.encoding_lint import lint_encodings


class NarrowEncoder:
    """The hashing encoder, said to read so many pieces at once."""

    identity = "narrow"
    dimension = HashingEncoder.dimension

    def __init__(self, window: int) -> None:
        self.window = window

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        return HashingEncoder().encode(texts)


def found(*questions: Question, window: int = 64) -> list[tuple[str, str]]:
    bank = Bank(bank="tiny", title="A tiny bank", questions=questions)
    return [(finding.path, finding.reason) for finding in lint_encodings(bank, NarrowEncoder(window))]


def test_texts_within_the_window_are_sound() -> None:
    assert found(*DROPOUT_BANK.questions) == []


def test_a_sentence_is_measured_and_not_the_text() -> None:
    many = DROPOUT.model_copy(update={"references": ("It drops units. " * 40,)})
    assert found(many) == []


def test_a_sentence_beyond_the_window_is_found_wherever_it_stands() -> None:
    long = "it drops units at random " * 3
    reference = DROPOUT.model_copy(update={"references": ("Short.", f"It is short. And then {long}.")})
    ((path, reason),) = found(reference, window=17)
    assert path == "questions[0].references[1]"
    assert reason.startswith("sentence 2 has 18 pieces and the model reads 15 at once")
    asked = PLANETS.model_copy(update={"question": f"Why is it that {long}?"})
    assert [path for path, _ in found(asked, window=17)] == ["questions[0].question"]


def test_an_encoder_without_a_window_reads_everything_at_once() -> None:
    long = DROPOUT.model_copy(update={"references": ("it drops units at random " * 400,)})
    assert lint_encodings(Bank(bank="tiny", title="Tiny", questions=(long,)), HashingEncoder()) == []


def test_questions_alike_in_words_and_references_are_found() -> None:
    again = DROPOUT.model_copy(update={"id": "tiny-9", "question": "What is the dropout?"})
    reason = "asks the same as tiny-1, by its words and its references"
    assert found(DROPOUT, PLANETS, again) == [("questions[2].question", reason)]


def test_questions_alike_in_words_only_are_two() -> None:
    other = DROPOUT.model_copy(update={"id": "tiny-9", "references": ("Leaving school early.",)})
    assert found(DROPOUT, other) == []


def test_a_link_says_that_both_are_meant() -> None:
    again = DROPOUT.model_copy(update={"id": "tiny-9", "see_also": ("tiny-1",)})
    assert found(DROPOUT, again) == []
