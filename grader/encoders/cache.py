"""Encoded texts on disk, by content.

One safetensors file an entry, written under another name and renamed, so that processes may share the folder: a reader
sees a whole entry or none. An entry that is cut, changed or somebody else's reads as absent and is made again.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

_FORMAT = "answer-grader encodings 2"
_log = logging.getLogger(__name__)

Arrays = Mapping[str, npt.NDArray[np.float16]]


class EncodingCache:
    """A folder of encoded texts; keys are hex digests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: str) -> dict[str, npt.NDArray[np.float16]] | None:
        """The arrays kept under a key, or None."""
        path = self._path(key)
        try:
            with safe_open(path, framework="numpy") as file:
                metadata = file.metadata() or {}
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (safe_open is no mapping)
        except FileNotFoundError:
            return None
        except (SafetensorError, OSError, ValueError) as error:
            _log.warning("cache entry %s is unreadable and is made again: %s", path, error)
            return None
        same = metadata.get("key") == f"{_FORMAT} {key}" and metadata.get("sha256") == _digest(arrays)
        return arrays if same else None

    def save(self, key: str, arrays: Arrays) -> None:
        """Keep arrays under a key. A folder that cannot be written is reported once a call and costs only time."""
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
            os.close(handle)
            try:
                whole = {part: np.ascontiguousarray(array) for part, array in arrays.items()}
                save_file(whole, name, metadata={"key": f"{_FORMAT} {key}", "sha256": _digest(whole)})
                Path(name).replace(path)
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            _log.warning("the cache %s cannot be written: %s", self._folder, error)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.safetensors"


def _digest(arrays: Arrays) -> str:
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
