"""Where a training stands, on disk, so that one that was killed goes on."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from grader.errors import OutputError, ProgressChanged, ProgressError
from grader.training.judge.learner import Learner

_STEP = "steps done"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file of a training's state.

    Attributes:
        file: safetensors; the steps done and `run` are in its header.
        run: what must be the same for the training to go on, each part by its name.
        every: steps between two writings.
    """

    file: Path
    run: Mapping[str, str]
    every: int = 50

    def restore(self, learner: Learner) -> int:
        """Bring a learner to where the training stood; the steps done, 0 where there is no file.

        Raises:
            ProgressChanged: the file is that of another training.
            ProgressError: it cannot be read.
        """
        if not self.file.exists():
            return 0
        try:
            with safe_open(self.file, "pt") as stream:
                header = stream.metadata() or {}
                self._check(header)
                learner.resume({name: stream.get_tensor(name) for name in stream.keys()})  # noqa: SIM118 (no mapping)
                return int(header[_STEP])
        except (OSError, SafetensorError, KeyError, RuntimeError) as error:
            told = f"{self.file}: no progress of a training can be read from it: --restart throws it away"
            raise ProgressError(told) from error

    def save(self, learner: Learner, steps: int) -> None:
        """Write where a training stands.

        Raises:
            OutputError: it cannot be written.
        """
        write_tensors(self.file, learner.state(), {**self.run, _STEP: str(steps)})

    def remove(self) -> None:
        """Throw it away, if it is there."""
        self.file.unlink(missing_ok=True)

    def _check(self, header: Mapping[str, str]) -> None:
        changed = [name for name, value in self.run.items() if header.get(name) != value]
        if changed:
            raise ProgressChanged(self.file, changed)


def write_tensors(file: Path, tensors: Mapping[str, Tensor], header: Mapping[str, str]) -> None:
    """Write safetensors under another name and rename them, so that the file is whole or not there.

    Raises:
        OutputError: they cannot be written.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as stream:
            part = Path(stream.name)
        try:
            save_file(dict(tensors), part, dict(header))
            part.chmod(0o644)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise OutputError(f"{file}: cannot be written: {reason}") from error
