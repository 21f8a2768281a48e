"""How a judge is trained: loss, rate, batches, and a small network that learns, is killed and goes on."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import AutoTokenizer, BertConfig, BertModel, PreTrainedTokenizerFast

from grader.encoders.device import Placement
from grader.errors import ModelError, OutputError, ProgressChanged, ProgressError
from grader.training.judge.accuracy import Accuracy, Measured, Progress, measure
from grader.training.judge.checkpoint import Checkpoint, write_tensors
from grader.training.judge.examples import Example, Outcome, Parted
from grader.training.judge.loss import losses, weighted_loss
from grader.training.judge.material import Material
from grader.training.judge.plan import Plan
from grader.training.judge.start import Start, begin
from grader.training.judge.training import Training

CPU = Placement("cpu", "asked for", "fp32", "asked for")
THINGS = tuple("dropout pooling padding stride momentum bias batch layer loss epoch kernel weight".split())
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "it", "is", "not", "so", "perhaps", *THINGS)
PLAN = Plan(passes=4, batch=18, rate=3e-3, seed=1)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Start:
    """A transformer of two layers that knows nothing, over a few words."""
    folder = tmp_path_factory.mktemp("tiny")
    words = Tokenizer(WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))  # noqa: S106 (a word)
    words.pre_tokenizer = Whitespace()
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=words, **special).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        BertModel(config).save_pretrained(folder)
    return Start("tiny", folder, None, "tiny")


def example(thing: str, told: str, outcome: Outcome) -> Example:
    return Example(f"it is {thing}", told, outcome, outcome.name.lower(), thing)


def examples(things: tuple[str, ...]) -> tuple[Example, ...]:
    return tuple(
        one
        for thing in things
        for before in ("", "so ", "so so ")
        for one in (
            example(thing, f"{before}it is {thing}", Outcome.SAID),
            example(thing, f"{before}it is not {thing}", Outcome.CONTRADICTED),
            example(thing, f"{before}perhaps", Outcome.OPEN),
            example(thing, f"{before}perhaps perhaps", Outcome.NOT_SAID),
        )
    )


EXAMPLES = Parted(examples(THINGS[:9]), examples(THINGS[9:]))


def nothing(_: int) -> None:
    """Progress that nobody watches."""


def every_pass(training: Training, checkpoint: Checkpoint, progress: Progress) -> None:
    for number in range(training.plan.passes):
        training.learn(number, checkpoint, progress)


def train(start: Start, checkpoint: Checkpoint, plan: Plan = PLAN) -> Training:
    training = Training(EXAMPLES, start, CPU, plan)
    every_pass(training, checkpoint, nothing)
    return training


def right(training: Training) -> Measured:
    found = training.measure(nothing)
    assert found is not None
    return found


class TestLoss:
    LOGITS = torch.log(torch.tensor([[0.5, 0.3, 0.2]] * 4))
    OUTCOMES = torch.tensor([0, 1, 2, 3])

    def test_what_is_not_said_is_open_or_contradicted(self) -> None:
        expected = [-math.log(share) for share in (0.5, 0.3, 0.2, 0.3 + 0.2)]
        np.testing.assert_allclose(losses(self.LOGITS, self.OUTCOMES), expected, rtol=1e-6)

    def test_weights_make_a_mean(self) -> None:
        found = weighted_loss(self.LOGITS[:2], self.OUTCOMES[:2], torch.tensor([3.0, 1.0]))
        assert float(found) == pytest.approx(-(3 * math.log(0.5) + math.log(0.3)) / 4)

    def test_logits_far_apart_have_a_finite_loss(self) -> None:
        found = losses(torch.tensor([[1e4, -1e4, -1e4]] * 2), torch.tensor([2, 3]))
        assert torch.isfinite(found).all()


class TestRate:
    def test_it_rises_and_falls(self) -> None:
        plan = Plan(rate=1.0)
        rates = [plan.rate_at(step, 1000) for step in range(1000)]
        top = int(np.argmax(rates))
        assert top == 79
        assert rates[0] == pytest.approx(1 / 80)
        assert rates[:top] == sorted(rates[:top])
        assert rates[top:] == sorted(rates[top:], reverse=True)
        assert rates[500] == pytest.approx(0.5)
        assert rates[-1] == pytest.approx(0.02)

    def test_a_short_training_is_warm_soon(self) -> None:
        assert Plan(rate=1.0).rate_at(1, 20) == pytest.approx(0.95)
        assert 0 < Plan(rate=1.0).rate_at(0, 1) <= 1

    def test_steps_are_those_of_whole_passes(self) -> None:
        assert Plan(passes=3, batch=10).steps(21) == 9


class TestMaterial:
    @pytest.fixture
    def material(self, start: Start) -> Material:
        return Material(EXAMPLES.train, AutoTokenizer.from_pretrained(start.base))

    def test_a_pass_holds_every_example_once_and_each_pass_another_order(self, material: Material) -> None:
        passes = [list(material.by_chance(5, 0, number)) for number in (0, 0, 1)]
        for batches in passes:
            assert sorted(np.concatenate(batches)) == list(range(len(EXAMPLES.train)))
            assert max(map(len, batches)) == 5
            assert len(batches) == Plan(passes=1, batch=5).steps(len(material))
        first, again, second = (np.concatenate(batches).tolist() for batches in passes)
        assert first == again != second

    def test_a_batch_is_its_examples_padded(self, material: Material) -> None:
        batch = material.batch(np.array([0, 1]), "cpu")
        assert batch.ids.shape == batch.types.shape == batch.mask.shape == (2, 16)
        assert batch.mask.sum(1).tolist() == material.lengths[:2].tolist() == [9, 10]
        assert [WORDS[piece] for piece in batch.ids[0, :9]] == "[CLS] it is dropout [SEP] it is dropout [SEP]".split()
        assert batch.types[0].tolist() == [0] * 5 + [1] * 4 + [0] * 7
        assert batch.outcomes.tolist() == [Outcome.SAID, Outcome.CONTRADICTED]


def test_it_learns_what_it_did_not_know_and_writes_it(start: Start, tmp_path: Path) -> None:
    plan = replace(PLAN, passes=30)
    untrained = right(Training(EXAMPLES, start, CPU, plan))
    trained = train(start, Checkpoint(tmp_path / "progress", {}), plan)
    learnt = right(trained)
    assert untrained.overall.right < 0.6
    assert learnt.overall.right > 0.9
    assert learnt.beats(untrained)
    assert learnt.overall.auc is not None
    assert learnt.overall.auc > 0.95
    assert {name: one.auc for name, one in learnt.sources.items()} == dict.fromkeys(learnt.sources)  # of one outcome
    assert learnt.overall.examples == sum(one.examples for one in learnt.sources.values()) == len(EXAMPLES.held)

    file = tmp_path / "judge.safetensors"
    trained.write(file)
    assert {tensor.dtype for tensor in load_file(file).values()} == {torch.float16}
    again = begin(Start("other", start.base, file, ""), "cpu", 0)
    material = Material(EXAMPLES.held, AutoTokenizer.from_pretrained(start.base))
    read = measure(again, "cpu", material, nothing)
    assert read.overall.right == learnt.overall.right
    assert read.overall.loss == pytest.approx(learnt.overall.loss, abs=1e-3)


class Killed(Exception):  # noqa: N818 (no error, but what happens to it)
    """The process is gone."""


@pytest.mark.parametrize("steps", [3, 5, 11, 23])
def test_killed_and_run_again_it_ends_bit_for_bit_the_same(start: Start, tmp_path: Path, steps: int) -> None:
    def kill(_: int) -> None:
        nonlocal steps
        steps -= 1
        if not steps:
            raise Killed

    whole = train(start, Checkpoint(tmp_path / "unused", {}, every=1000))
    checkpoint = Checkpoint(tmp_path / "progress", {}, every=4)
    victim = Training(EXAMPLES, start, CPU, PLAN)
    began = steps
    with pytest.raises(Killed):
        every_pass(victim, checkpoint, kill)
    heir = Training(EXAMPLES, start, CPU, PLAN)
    assert heir.resume(checkpoint) == began // 4 * 4
    seen: list[int] = []
    every_pass(heir, checkpoint, seen.append)
    assert sum(seen) == PLAN.passes * len(EXAMPLES.train)
    whole.write(tmp_path / "whole.safetensors")
    heir.write(tmp_path / "heir.safetensors")
    assert (tmp_path / "whole.safetensors").read_bytes() == (tmp_path / "heir.safetensors").read_bytes()


def test_progress_of_another_training_is_refused(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "progress"
    first = Training(EXAMPLES, start, CPU, PLAN)
    first.learn(0, Checkpoint(file, first.run, every=1), nothing)
    second = Training(Parted(EXAMPLES.train[1:]), start, CPU, replace(PLAN, seed=2))
    with pytest.raises(ProgressChanged, match="other examples, plan: --restart") as caught:
        second.resume(Checkpoint(file, second.run))
    assert caught.value.changed == ("examples", "plan")
    assert first.resume(Checkpoint(file, first.run)) == 6


def test_progress_that_cannot_be_read_is_told(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "progress"
    training = Training(EXAMPLES, start, CPU, PLAN)
    file.write_bytes(b"no safetensors")
    with pytest.raises(ProgressError, match=r"progress: .*--restart throws it away"):
        training.resume(Checkpoint(file, training.run))
    write_tensors(file, {"other": torch.zeros(1)}, {**training.run, "steps done": "1"})
    with pytest.raises(ProgressError, match="--restart throws it away"):
        training.resume(Checkpoint(file, training.run))


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken.safetensors").mkdir()
    with pytest.raises(OutputError, match=r"taken\.safetensors: cannot be written"):
        write_tensors(tmp_path / "taken.safetensors", {"one": torch.zeros(1)}, {})
    assert [one.name for one in tmp_path.iterdir()] == ["taken.safetensors"]


def test_weights_that_do_not_fit_are_told(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "other.safetensors"
    write_tensors(file, {"outcome.weight": torch.zeros(3, 5)}, {})
    with pytest.raises(ModelError, match=r"other\.safetensors"):
        begin(Start("other", start.base, file, ""), "cpu", 0)


def test_a_new_head_depends_on_the_seed_alone(start: Start) -> None:
    one, again, other = (begin(start, "cpu", seed).hidden.weight for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_without_held_out_examples_nothing_is_measured(start: Start) -> None:
    assert Training(Parted(EXAMPLES.train), start, CPU, PLAN).measure(nothing) is None


@pytest.mark.parametrize(
    ("right", "loss", "auc", "better"),
    [
        (0.8, 0.9, 0.6, True),
        (0.7, 0.5, 0.7, True),
        (0.7, 0.4, 0.6, True),
        (0.7, 0.5, 0.6, False),
        (0.7, 0.6, 0.6, False),
        (0.6, 0.1, 0.9, False),
        (0.9, 0.1, 0.5, False),  # it has learnt what is commonest
    ],
)
def test_better_is_ahead_and_behind_in_nothing(right: float, loss: float, auc: float, better: bool) -> None:
    before, after = (Measured(Accuracy(10, *told), {}) for told in ((0.7, 0.5, 0.6), (right, loss, auc)))
    assert after.beats(before) is better


def test_where_nothing_can_be_told_apart_what_is_judged_right_decides() -> None:
    before, after = (Measured(Accuracy(10, right, 0.5, None), {}) for right in (0.7, 0.8))
    assert after.beats(before)
    assert not before.beats(after)
