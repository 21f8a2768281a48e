"""The training itself: pass by pass through the examples, from where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from transformers import AutoTokenizer

from grader.encoders.cross_encoder import CrossEncoder
from grader.encoders.device import Placement
from grader.training.judge.accuracy import Measured, Progress, measure
from grader.training.judge.checkpoint import Checkpoint, write_tensors
from grader.training.judge.examples import Parted, digest
from grader.training.judge.learner import Learner
from grader.training.judge.material import Material
from grader.training.judge.plan import Plan
from grader.training.judge.start import Start, begin


class Training:
    """A judge that is being trained.

    Killed and begun again over the same checkpoint, it ends bit for bit as it would have without a stop, on the same
    machine and device.

    Raises:
        ModelError: what it starts from cannot be read.
    """

    def __init__(self, examples: Parted, start: Start, placement: Placement, plan: Plan) -> None:
        tokenizer = AutoTokenizer.from_pretrained(start.base, local_files_only=True, trust_remote_code=False)
        self.plan = plan
        self._material, self._held = Material(examples.train, tokenizer), Material(examples.held, tokenizer)
        self._network: CrossEncoder = begin(start, placement.device, plan.seed)
        self._learner = Learner(self._network, placement)
        self.run = _run(examples, start, placement, plan)
        self._done = 0  # steps

    @property
    def steps(self) -> int:
        """Steps in all."""
        return self.plan.steps(len(self._material))

    def resume(self, checkpoint: Checkpoint) -> int:
        """Go to where a checkpoint stands; the steps done.

        Raises:
            ProgressChanged, ProgressError: as for `Checkpoint.restore`.
        """
        self._done = checkpoint.restore(self._learner)
        return self._done

    def learn(self, number: int, checkpoint: Checkpoint, progress: Progress) -> None:
        """Do what is left of a pass, counted from 0; passes are done in order.

        Raises:
            OutputError: the checkpoint cannot be written.
        """
        order = self._material.by_chance(self.plan.batch, self.plan.seed, number)
        before = number * self.steps // self.plan.passes
        for places in islice(order, max(0, self._done - before)):
            progress(len(places))
        for places in order:
            batch = self._material.batch(places, self._learner.device)
            self._learner.learn(batch, self.plan.rate_at(self._done, self.steps))
            self._done += 1
            if self._done % checkpoint.every == 0:
                checkpoint.save(self._learner, self._done)
            progress(len(places))

    def measure(self, progress: Progress) -> Measured | None:
        """The accuracy, as far as it has learnt, on what is held out; None where nothing is."""
        return measure(self._network, self._learner.device, self._held, progress) if len(self._held) else None

    def write(self, file: Path) -> None:
        """Write the judge.

        Raises:
            OutputError: it cannot be written.
        """
        write_tensors(file, self._learner.learnt(), {"format": "pt"})


def _run(examples: Parted, start: Start, placement: Placement, plan: Plan) -> Mapping[str, str]:
    """What must be the same for a training to go on."""
    return {
        "examples": digest(examples.train),
        "start": start.digest,
        "plan": repr(plan),
        "device or dtype": f"{placement.device.partition(':')[0]} {placement.dtype_name}",
    }
