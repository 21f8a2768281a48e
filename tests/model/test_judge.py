"""The project's judge itself: what it reads, and that nothing beside a pair changes what it finds of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from sklearn.metrics import roc_auc_score

from grader.bank.library import Library
from grader.encoders.cross_encoder import OUTCOMES
from grader.encoders.judge import LocalJudge, load_judge
from grader.encoders.pairs import LONGEST, LONGEST_STATEMENT, pair_rows
from grader.encoders.protocol import Pair
from grader.errors import ModelError
from grader.training.judge.answered import read_answered
from grader.training.judge.examples import Outcome

pytestmark = pytest.mark.model

# Sentences about statements of the banks, two that say each, two that deny it, one beside it.
SENTENCES = [
    json.loads(line)
    for line in (Path(__file__).parent / "judge_sentences.jsonl").read_text(encoding="utf-8").splitlines()
]
# The same about statements of many subjects: three that say each, four that deny it, two beside it.
# The first that denies differs from the last that says as little as can be.
CONTRASTS = [
    json.loads(line) for line in (Path(__file__).parent / "contrasts.jsonl").read_text(encoding="utf-8").splitlines()
]
# Questions of many subjects with ten whole answers each: which statements about the subject, true and false ones, an
# answer says and denies; the others it leaves open.
ANSWERED = read_answered(Path(__file__).parent / "answered.jsonl")
KINDS = ("says", "beside", "denies")  # in the order of OUTCOMES
PAIRS: list[Pair] = [
    ("Dropout deactivates random neurons during training.", "Random units are switched off while the network learns."),
    ("Dropout deactivates random neurons during training.", "Random units are switched on when the network is tested."),
    ("Dropout deactivates random neurons during training.", "Many people use dropout."),
]


@pytest.fixture(scope="module")
def judge() -> LocalJudge:
    return load_judge("claims-3", "cpu", "auto")


def test_it_reads_what_is_claimed_and_not_what_it_is_about(judge: LocalJudge, library: Library) -> None:
    pairs, wanted = [], []
    for one in SENTENCES:
        _, question = library.question(one["question_id"])
        statements = {found.id: found.statement for found in (*question.criteria, *question.misconceptions)}
        for outcome, kind in enumerate(KINDS):
            pairs += [(statements[one["id"]], f"{question.question} {text}") for text in one[kind]]
            wanted += [outcome] * len(one[kind])
    expected, found = np.array(wanted), judge.judge(pairs)
    said, denied = expected == 0, expected == 2
    told_apart = roc_auc_score(said[said | denied], found[said | denied, 0])
    print(f"\njudge on {len(pairs)} sentences: accuracy {np.mean(found.argmax(axis=1) == expected):.2f}")
    for outcome, kind in enumerate(KINDS):
        print(f"  {kind:<7} {np.mean(found[expected == outcome].argmax(axis=1) == outcome):.2f}")
    print(f"  saying told from denying (AUC): {told_apart:.2f}")
    assert told_apart > 0.65


def test_it_reads_claims_of_subjects_that_no_bank_has(judge: LocalJudge) -> None:
    told = [(one, outcome, text) for one in CONTRASTS for outcome, kind in enumerate(KINDS) for text in one[kind]]
    found = judge.judge([(one["statement"], f"{one['question']} {text}") for one, _, text in told])
    expected = np.array([outcome for _, outcome, _ in told])
    said, denied = expected == 0, expected == 2
    told_apart = roc_auc_score(said[said | denied], found[said | denied, 0])
    print(f"\njudge on {len(told)} sentences about {len(CONTRASTS)} statements of other subjects:", end=" ")
    print(f"accuracy {np.mean(found.argmax(axis=1) == expected):.2f}")
    for outcome, kind in enumerate(KINDS):
        print(f"  {kind:<7} {np.mean(found[expected == outcome].argmax(axis=1) == outcome):.2f}")
    print(f"  saying told from denying (AUC): {told_apart:.2f}")
    probability = {(one["statement"], text): row[0] for (one, _, text), row in zip(told, found, strict=True)}
    ahead = [
        probability[one["statement"], one["says"][-1]] > probability[one["statement"], one["denies"][0]]
        for one in CONTRASTS
    ]
    print(f"  the one that says ahead of the one that all but says: {np.mean(ahead):.2f}")
    assert told_apart > 0.75
    assert np.mean(ahead) > 0.6


def test_it_reads_whole_answers(judge: LocalJudge) -> None:
    told = [
        (is_true, text, f"{one.question} {answer.text}", answer.outcome(key))
        for one in ANSWERED
        for answer in one.answers
        for is_true, statements in ((True, one.true), (False, one.false))
        for key, text in statements.items()
    ]
    found = judge.judge([(statement, text) for _, statement, text, _ in told])
    true, expected = np.array([one[0] for one in told]), np.array([one[-1] for one in told])
    print(
        f"\njudge on {sum(len(one.answers) for one in ANSWERED)} whole answers to {len(ANSWERED)} questions:", end=" "
    )
    print(f"accuracy {np.mean(found.argmax(axis=1) == expected):.2f}")
    for name, some in (("true statements", true), ("errors", ~true)):
        said = roc_auc_score(expected[some] == Outcome.SAID, found[some, 0])
        denied = roc_auc_score(expected[some] == Outcome.CONTRADICTED, found[some, 2])
        print(f"  {name:<16} those said told from others (AUC) {said:.2f}, those denied {denied:.2f}")
        assert said > 0.5


def test_probabilities_add_up(judge: LocalJudge) -> None:
    found = judge.judge(PAIRS)
    assert found.shape == (len(PAIRS), len(OUTCOMES))
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-3)


def test_a_pair_is_judged_the_same_whatever_is_beside_it(judge: LocalJudge) -> None:
    pairs = [("Dropout drops units.", f"Number {n} says " + "units are dropped " * (n % 13)) for n in range(120)]
    together = judge.judge([*pairs, *reversed(pairs)])
    assert np.array_equal(together[:120], together[:119:-1])
    for place in range(0, 120, 17):
        assert np.array_equal(judge.judge([pairs[place]])[0], together[place])


def test_no_pairs_are_no_rows(judge: LocalJudge) -> None:
    assert judge.judge([]).shape == (0, 3)


def test_a_pair_is_read_as_far_as_its_window_goes(judge: LocalJudge) -> None:
    (row,) = pair_rows(judge.tokenizer, [("statement " * 300, "text " * 600)])
    assert (row.text, len(row.ids)) == (LONGEST_STATEMENT, LONGEST)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.safetensors"
    save_file({"outcome.weight": torch.zeros(3, 384)}, file)
    with pytest.raises(ModelError, match=r"other\.safetensors"):
        load_judge(str(file), "cpu", "auto")
    file.write_bytes(b"no safetensors")
    with pytest.raises(ModelError, match=r"other\.safetensors"):
        load_judge(str(file), "cpu", "auto")
