"""What a judge is taught, by each source of examples."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from fakes import DROPOUT, DROPOUT_BANK, PLANETS
from hypothesis import given
from hypothesis import strategies as st

from grader.bank.library import Library
from grader.bank.question import Bank, Exemplar
from grader.encoders.hashing import HashingEncoder
from grader.errors import DatasetError
from grader.evaluation.datasets import MarkedAnswer
from grader.grade import Verdict
from grader.training.judge import phrases
from grader.training.judge.answered import answered_examples, read_answered
from grader.training.judge.compositions import mix, sentence_examples
from grader.training.judge.entailment import read_entailment
from grader.training.judge.examples import Example, Outcome, Parted, a_fifth, digest, part
from grader.training.judge.exemplars import exemplar_examples
from grader.training.judge.gather import Sources, gather
from grader.training.judge.marked import marked_examples, read_marked_examples
from grader.training.judge.rehearsal import rehearsal
from grader.training.judge.sentences import Authored, AuthoredQuestion, read_sentences

LIBRARY = Library([DROPOUT_BANK])
ENCODER = HashingEncoder()
ASKED, REFERENCE = "Why is the sky blue?", "Air scatters blue light the most."


def chance(seed: int = 0) -> random.Random:
    return random.Random(seed)  # noqa: S311 (no secret)


def marked(
    mark: float, answer: str = "It scatters.", line: int = 2, references: tuple[str, ...] = (REFERENCE,)
) -> MarkedAnswer:
    return MarkedAnswer(line, "sky", ASKED, references, answer, mark, None, None)


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


class TestMarkedAnswers:
    @pytest.mark.parametrize(
        ("mark", "outcome"),
        [(1.0, Outcome.SAID), (0.5, Outcome.NOT_SAID), (0.0, Outcome.NOT_SAID)],
    )
    def test_a_full_mark_says_the_reference_and_a_half_does_not(self, mark: float, outcome: Outcome) -> None:
        (found,) = marked_examples("set", [marked(mark)], {}, ENCODER, chance())
        assert (found.statement, found.outcome, found.group, found.source) == (REFERENCE, outcome, "sky", "set")
        assert found.text.endswith("It scatters.")

    def test_marks_between_teach_nothing(self) -> None:
        assert not list(marked_examples("set", [marked(0.75)], {}, ENCODER, chance()))

    def test_a_label_goes_before_the_mark(self) -> None:
        rows = [marked(0.0, line=2), marked(0.0, line=3)]
        labelled, plain = marked_examples("set", rows, {2: Outcome.CONTRADICTED}, ENCODER, chance())
        assert (labelled.outcome, plain.outcome) == (Outcome.CONTRADICTED, Outcome.NOT_SAID)

    def test_the_nearest_reference_is_meant(self) -> None:
        references = ("The sea is mirrored in the sky.", REFERENCE)
        (found,) = marked_examples(
            "set", [marked(1, "blue light is scattered by air the most", references=references)], {}, ENCODER, chance()
        )
        assert found.statement == REFERENCE

    def test_a_reference_of_a_word_is_put_after_its_question(self) -> None:
        (found,) = marked_examples("set", [marked(1, references=("Scattering.",))], {}, ENCODER, chance())
        assert found.statement == f"{ASKED} Scattering."

    def test_what_a_judge_would_not_read_whole_is_left_out(self) -> None:
        rows = [marked(1, "word " * 200), marked(1, references=("word " * 200,)), marked(1, " ")]
        assert not list(marked_examples("set", rows, {}, ENCODER, chance()))

    def test_a_file_is_read_with_its_labels_and_banks(self, tmp_path: Path) -> None:
        of_set = {"question_id": "sky", "question": ASKED, "reference": REFERENCE}
        file = lines(
            tmp_path / "set.jsonl",
            {**of_set, "answer": "No.", "human_score": 0, "label_5way": "irrelevant"},
            {"question_id": "tiny-1", "answer": "It drops units.", "human_score": 1},
        )
        label, of_bank = read_marked_examples(file, None, LIBRARY, lambda: ENCODER, chance())
        assert (label.outcome, of_bank.outcome) == (Outcome.OPEN, Outcome.SAID)
        assert of_bank.statement == DROPOUT.references[0]

    def test_an_unknown_label_is_told_with_its_line(self, tmp_path: Path) -> None:
        row = {"question": ASKED, "reference": REFERENCE, "answer": "No.", "human_score": 0, "label_5way": "wrong"}
        with pytest.raises(DatasetError, match=r"set\.jsonl:1: label_5way: 'wrong' is none of correct"):
            read_marked_examples(lines(tmp_path / "set.jsonl", row), None, LIBRARY, lambda: ENCODER, chance())


class TestExemplars:
    def taught(self, exemplar: Exemplar) -> set[tuple[str, Outcome]]:
        question = DROPOUT.model_copy(update={"exemplars": (exemplar,) * 20})
        bank = Bank(bank="one", title="One", questions=(question,))
        found = [one for one in exemplar_examples(bank, ENCODER, chance()) if one.source == "exemplars"]
        assert all(one.text.endswith(exemplar.answer) and one.group == "tiny-1" for one in found)
        return {(one.statement, one.outcome) for one in found}

    def test_verdicts_and_claims_are_outcomes(self) -> None:
        verdicts = {"deactivates": Verdict.CONTRADICTED, "less-overfitting": Verdict.MET}
        exemplar = Exemplar(
            kind="half", score=0.5, answer="It drops units in tests.", verdicts=verdicts, claims=("at-test-time",)
        )
        deactivates, overfitting = (criterion.statement for criterion in DROPOUT.criteria)
        assert self.taught(exemplar) == {
            (deactivates, Outcome.CONTRADICTED),
            (overfitting, Outcome.SAID),
            (DROPOUT.misconceptions[0].statement, Outcome.SAID),
        }

    def test_what_no_verdict_tells_is_open_and_what_is_met_in_part_teaches_nothing(self) -> None:
        exemplar = Exemplar(kind="half", score=0.5, answer="It drops.", verdicts={"deactivates": Verdict.PARTIAL})
        assert self.taught(exemplar) == {
            (DROPOUT.criteria[1].statement, Outcome.OPEN),
            (DROPOUT.misconceptions[0].statement, Outcome.NOT_SAID),
        }

    def test_the_question_alone_says_nothing(self) -> None:
        question = DROPOUT.model_copy(update={"exemplars": DROPOUT.exemplars * 30})
        bank = Bank(bank="one", title="One", questions=(question,))
        repeated = [one for one in exemplar_examples(bank, ENCODER, chance()) if one.source == "questions"]
        assert repeated
        assert {one.outcome for one in repeated} == {Outcome.OPEN}
        assert {one.text.replace(question.question, "").strip() for one in repeated} == {""}


def authored(name: str, *, denied: frozenset[str] = frozenset(), wrong: bool = False) -> Authored:
    return Authored(
        name,
        f"Statement {name}.",
        (f"says {name} one", f"says {name} two."),
        (f"denies {name} one", f"denies {name} two."),
        (f"beside {name}",),
        wrong,
        denied,
    )


STATEMENTS = (
    authored("a"),
    authored("b"),
    authored("c"),
    authored("wrong-a", wrong=True, denied=frozenset({"a"})),
    authored("wrong-b", wrong=True, denied=frozenset({"b"})),
)
SPOKEN = {Outcome.SAID: "says", Outcome.CONTRADICTED: "denies", Outcome.OPEN: "beside"}


class TestSentences:
    @given(st.integers(0, 10_000))
    def test_a_mix_holds_one_sentence_for_each_of_its_parts(self, seed: int) -> None:
        answer = mix(STATEMENTS, chance(seed))
        assert 1 <= len(answer.parts) <= 4
        assert answer.text.count(".") == len(answer.parts)
        for one, outcome in answer.parts:
            assert f"{SPOKEN[outcome]} {one.id}" in answer.text

    @given(st.integers(0, 10_000))
    def test_no_mix_claims_what_another_part_contradicts(self, seed: int) -> None:
        ids = {one.id for one, _ in mix(STATEMENTS, chance(seed)).parts}
        assert not {"a", "wrong-a"} <= ids
        assert not {"b", "wrong-b"} <= ids

    @given(st.integers(0, 1000))
    def test_outcomes_are_those_of_the_sentences(self, seed: int) -> None:
        for one in sentence_examples(AuthoredQuestion(PLANETS.id, PLANETS.question, STATEMENTS), chance(seed)):
            name = one.statement.removeprefix("Statement ").rstrip(".")
            own = {kind: f"{kind} {name}" in one.text for kind in SPOKEN.values()}
            if one.source == "sentences":
                assert one.text.endswith(one.statement) or own[SPOKEN[one.outcome]]
            if one.source in {"mixed sentences", "other sentences"}:
                assert (one.outcome is Outcome.SAID) == own["says"]
            if one.source == "turns":
                assert own["says"]
                assert own["denies"]
                last = one.text.rfind(f"says {name}") > one.text.rfind(f"denies {name}")
                assert (one.outcome is Outcome.SAID) == last
            if one.source == "denied sentences":
                assert one.outcome is Outcome.CONTRADICTED

    def test_every_sentence_is_taught(self) -> None:
        taught = list(sentence_examples(AuthoredQuestion(PLANETS.id, PLANETS.question, STATEMENTS), chance()))
        plain = Counter(one.outcome for one in taught if one.source == "sentences" and "Statement" not in one.text)
        assert plain == {Outcome.SAID: 10, Outcome.CONTRADICTED: 10, Outcome.OPEN: 5}

    @pytest.mark.parametrize(
        ("sentence", "within"),
        [("Dropout rests.", "dropout rests"), ("ReLU is zero!", "reLU is zero"), ("SGD steps.", "SGD steps")],
    )
    def test_a_sentence_stands_within_another(self, sentence: str, within: str) -> None:
        assert phrases.inner(sentence) == within

    def test_they_are_read_with_their_statements(self, tmp_path: Path) -> None:
        told = {"says": ["a"], "denies": ["b"], "beside": ["c"]}
        file = lines(
            tmp_path / "s.jsonl",
            {"question_id": "tiny-1", "id": "deactivates", **told},
            {"question_id": "tiny-1", "id": "at-test-time", **told},
        )
        (asked,) = read_sentences(file, LIBRARY)
        criterion, misconception = asked.statements
        assert criterion.statement == DROPOUT.criteria[0].statement
        assert not criterion.is_misconception
        assert (misconception.is_misconception, misconception.denied) == (True, {"deactivates"})

    def test_a_statement_that_no_bank_has_comes_with_its_question(self, tmp_path: Path) -> None:
        told = {"says": ["a"], "denies": ["b"], "beside": ["c"]}
        file = lines(
            tmp_path / "s.jsonl",
            {"question": "Why is the sky blue?", "statement": "Blue is scattered most.", **told},
            {"question": "Why is the sky blue?", "statement": "Air scatters light.", **told},
        )
        (asked,) = read_sentences(file, LIBRARY)
        assert (asked.id, asked.question) == ("Why is the sky blue?",) * 2
        assert [one.statement for one in asked.statements] == ["Blue is scattered most.", "Air scatters light."]

    @pytest.mark.parametrize("named", [{}, {"question": "Why?"}, {"question_id": "tiny-1", "statement": "So."}])
    def test_what_a_line_is_about_is_named_in_one_way(self, named: dict[str, str], tmp_path: Path) -> None:
        file = lines(tmp_path / "s.jsonl", {**named, "says": ["a"], "denies": ["b"], "beside": ["c"]})
        with pytest.raises(DatasetError, match="question_id and id are needed, or question and statement"):
            read_sentences(file, LIBRARY)

    def test_every_fault_is_told_with_its_line(self, tmp_path: Path) -> None:
        told = {"says": ["a"], "denies": ["b"], "beside": ["c"]}
        file = lines(
            tmp_path / "s.jsonl",
            {"question_id": "tiny-9", "id": "deactivates", **told},
            {"question_id": "tiny-1", "id": "activates", **told},
            {"question_id": "tiny-1", "id": "deactivates", **told, "says": []},
        )
        with pytest.raises(DatasetError) as caught:
            read_sentences(file, LIBRARY)
        assert [fault.line for fault in caught.value.faults] == [1, 2, 3]
        with pytest.raises(DatasetError, match="No such file"):
            read_sentences(tmp_path / "none.jsonl", LIBRARY)


ANSWERED = {
    "question": "Why is the sky blue?",
    "true": {"scatter": "Air scatters blue light most.", "sun": "The light comes from the sun."},
    "false": {"sea": "The sky mirrors the sea."},
    "answers": [
        {"text": "Blue is scattered more than red.", "says": ["scatter"], "denies": []},
        {"text": "Sunlight, and blue is scattered most.", "says": ["scatter", "sun"], "denies": ["sea"]},
        {"text": "It mirrors the sea.", "says": ["sea"], "denies": ["scatter"]},
        {"text": "Somehow.", "says": [], "denies": []},
    ],
}


class TestAnsweredQuestions:
    def test_every_answer_is_read_under_every_statement(self, tmp_path: Path) -> None:
        (asked,) = read_answered(lines(tmp_path / "a.jsonl", ANSWERED))
        taught = list(answered_examples([asked], random.Random(0)))  # noqa: S311 (a sample)
        assert len(taught) == 4 * 3
        told = {(one.text.removeprefix("Why is the sky blue? "), one.statement): one.outcome for one in taught}
        assert told["It mirrors the sea.", "The sky mirrors the sea."] is Outcome.SAID
        assert told["It mirrors the sea.", "Air scatters blue light most."] is Outcome.CONTRADICTED
        assert told["It mirrors the sea.", "The light comes from the sun."] is Outcome.OPEN
        assert {one.group for one in taught} == {"Why is the sky blue?"}

    def test_what_is_true_tells_nothing_of_what_is_said(self, tmp_path: Path) -> None:
        """By weight, true statements are said, denied and left open as much as false ones."""
        (asked,) = read_answered(lines(tmp_path / "a.jsonl", ANSWERED))
        weights: defaultdict[tuple[bool, Outcome], float] = defaultdict(float)
        for one in answered_examples([asked], random.Random(0)):  # noqa: S311 (a sample)
            weights[one.statement in asked.true.values(), one.outcome] += one.weight
        assert len(weights) == 6
        assert all(weight == pytest.approx(2) for weight in weights.values())

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"false": {"sun": "There is no sun."}}, "stand for a true and for a false statement: sun"),
            ({"answers": [{"text": "So.", "says": ["moon"]}]}, "no statement has the keys moon: So."),
            ({"answers": [{"text": "So.", "says": ["sun"], "denies": ["sun"]}]}, "said and denied: sun: So."),
            ({"answers": []}, "at least 1 item"),
            ({"mark": 3}, "Extra inputs"),
        ],
    )
    def test_every_fault_is_told_with_its_line(self, change: dict[str, object], told: str, tmp_path: Path) -> None:
        file = lines(tmp_path / "a.jsonl", ANSWERED, {**ANSWERED, **change})
        with pytest.raises(DatasetError, match=told) as caught:
            read_answered(file)
        assert [fault.line for fault in caught.value.faults] == [2]

    def test_a_file_that_cannot_be_read_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(DatasetError, match="No such file"):
            read_answered(tmp_path / "none.jsonl")
        (tmp_path / "latin.jsonl").write_bytes('{"question": "Wieso ü?"}'.encode("latin-1"))
        with pytest.raises(DatasetError, match="is not UTF-8"):
            read_answered(tmp_path / "latin.jsonl")


PAIRS = [
    {"premise": f"Premise {n}.", "hypothesis": f"Hypothesis {n}.", "label": label, "source": source, "split": split}
    for n, (label, source, split) in enumerate(
        [
            *[("entailment", "plain", "train"), ("neutral", "plain", "train"), ("contradiction", "plain", "train")]
            * 40,
            *[("not_entailment", "two-way", "train"), ("paraphrase", "two-way", "train")] * 20,
            *[("entailment", "plain", "dev")] * 5,
        ]
    )
]


class TestEntailment:
    def write(self, path: Path, rows: list[dict[str, object]]) -> Path:
        if path.suffix == ".parquet":
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
            return path
        return lines(path, *rows)

    @pytest.mark.parametrize("name", ["pairs.parquet", "pairs.jsonl"])
    def test_a_premise_is_the_text_and_a_hypothesis_the_statement(self, tmp_path: Path, name: str) -> None:
        found = read_entailment(self.write(tmp_path / name, PAIRS), None, 0)
        assert len(found.train) + len(found.held) == len(PAIRS)
        outcomes = {
            "entailment": Outcome.SAID, "neutral": Outcome.OPEN, "contradiction": Outcome.CONTRADICTED,
            "not_entailment": Outcome.NOT_SAID, "paraphrase": Outcome.SAID,
        }  # fmt: skip
        expected = {(row["hypothesis"], row["premise"], outcomes[row["label"]], row["source"]) for row in PAIRS}
        assert {(one.statement, one.text, one.outcome, one.source) for one in found.train + found.held} == expected

    def test_dev_pairs_and_some_premises_are_held_out_whole(self, tmp_path: Path) -> None:
        again = [{**row, "hypothesis": f"Other {row['hypothesis']}"} for row in PAIRS]
        same = [{"premise": "New.", "hypothesis": PAIRS[-1]["hypothesis"], "label": "neutral", "split": "train"}]
        found = read_entailment(self.write(tmp_path / "pairs.parquet", [*PAIRS, *again, *same]), None, 0)
        assert {row["premise"] for row in PAIRS if row["split"] == "dev"} <= {one.text for one in found.held}
        assert not {one.text for one in found.train} & {one.text for one in found.held}
        assert not {one.statement for one in found.train} & {one.statement for one in found.held}
        assert len(found.held) > 10  # some of other splits too

    def test_a_source_of_test_pairs_alone_is_learnt_from(self, tmp_path: Path) -> None:
        rows = [{**row, "split": "test"} for row in PAIRS]
        found = read_entailment(self.write(tmp_path / "pairs.parquet", rows), None, 0)
        assert len(found.train) > len(found.held)

    def test_pairs_of_unclear_licence_or_too_long_are_left_out(self, tmp_path: Path) -> None:
        rows = [
            {**PAIRS[0], "licence_clear": False},
            {**PAIRS[1], "premise": "word " * 300, "licence_clear": True},
            {**PAIRS[2], "licence_clear": True},
        ]
        found = read_entailment(self.write(tmp_path / "pairs.parquet", rows), None, 0)
        assert [one.text for one in found.train + found.held] == [PAIRS[2]["premise"]]

    def test_a_limit_draws_the_same_pairs_for_a_seed(self, tmp_path: Path) -> None:
        file = self.write(tmp_path / "pairs.parquet", PAIRS)
        one, again, other = (read_entailment(file, 10, seed).train for seed in (1, 1, 2))
        assert len(one) == 10
        assert one == again != other

    def test_templated_sources_are_capped(self, tmp_path: Path) -> None:
        rows = [{**PAIRS[0], "premise": f"P {n}.", "hypothesis": f"H {n}", "source": "wikires"} for n in range(9000)]
        assert len(read_entailment(self.write(tmp_path / "pairs.parquet", rows), None, 0).train) == 8000

    @pytest.mark.parametrize(
        ("row", "told"),
        [
            ({**PAIRS[0], "label": "maybe"}, r"pairs\.jsonl:1: label: 'maybe' is none of entailment"),
            ({"premise": "P.", "label": "neutral"}, r"pairs\.jsonl:1: hypothesis: there is no such column"),
        ],
    )
    def test_faults_are_told(self, tmp_path: Path, row: dict[str, object], told: str) -> None:
        with pytest.raises(DatasetError, match=told):
            read_entailment(self.write(tmp_path / "pairs.jsonl", [row]), None, 0)

    def test_a_file_that_is_none_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(DatasetError, match="No such file"):
            read_entailment(tmp_path / "none.parquet", None, 0)
        (tmp_path / "text.parquet").write_text("no table")
        with pytest.raises(DatasetError, match="is not Parquet"):
            read_entailment(tmp_path / "text.parquet", None, 0)


def test_a_rehearsal_is_drawn_from_what_the_projects_judge_was_taught_with(library: Library) -> None:
    one, again, other = (rehearsal(50, library, (), seed) for seed in (0, 0, 1))
    assert len(one) == 50
    assert one == again != other
    assert {example.source for example in one} == {"rehearsal"}
    assert {example.outcome for example in one} >= {Outcome.SAID, Outcome.OPEN, Outcome.CONTRADICTED}
    held = {example.group for example in one}
    assert held.isdisjoint(example.group for example in rehearsal(50_000, library, held, 0))


def example(group: str, source: str = "set") -> Example:
    return Example("Statement.", f"Text {group}.", Outcome.SAID, source, group)


class TestParts:
    def test_a_question_is_held_out_whole(self) -> None:
        examples = [example(str(n % 7)) for n in range(70)]
        held = a_fifth(one.group for one in examples)
        parted = part(examples, held.__contains__)
        assert len(held) == 2
        assert {one.group for one in parted.held} == held
        assert len(parted.train) + len(parted.held) == 70

    def test_a_fifth_does_not_depend_on_order_and_one_question_is_never_held_out(self) -> None:
        names = [f"q{n}" for n in range(20)]
        assert a_fifth(names) == a_fifth(reversed(names * 2))
        assert not a_fifth(["alone", "alone"])
        assert len(a_fifth(["one", "two"])) == 1

    def test_a_limit_is_for_training_alone(self) -> None:
        parted = Parted(tuple(example(str(n)) for n in range(9)), (example("held"),) * 5)
        found = parted.limited(3, 0)
        assert (len(found.train), len(found.held)) == (3, 5)
        assert found == parted.limited(3, 0)
        assert parted.limited(9, 0) is parted

    def test_no_source_is_measured_on_more_than_is_asked_for(self) -> None:
        held = (*(example(str(n), "large") for n in range(9)), example("a", "small"))
        found = Parted((example("b"),), held).measured_on(4, 0)
        assert Counter(one.source for one in found.held) == {"large": 4, "small": 1}
        assert set(found.held) <= set(held)
        assert len(found.train) == 1

    def test_examples_are_known_by_what_they_teach(self) -> None:
        one = example("a")
        assert digest([one]) == digest([one])
        assert len({digest(some) for some in ([], [one], [one, one], [example("b")])}) == 4

    def test_questions_are_held_out_whole_or_not_at_all(self, tmp_path: Path) -> None:
        told = {"statement": "It is so.", "says": ["a"], "denies": ["b"], "beside": ["c"]}
        file = lines(tmp_path / "s.jsonl", *({"question": f"Why {n}?", **told} for n in range(20)))
        sources = Sources(sentences=(file,))
        every, fifth = (gather(sources, LIBRARY, lambda: ENCODER, 0, hold_out=one) for one in (False, True))
        assert not every.held
        assert len({example.group for example in fifth.held}) == 4
        assert not {example.group for example in fifth.held} & {example.group for example in fifth.train}
        assert len(every.train) == len(fifth.train) + len(fifth.held)
