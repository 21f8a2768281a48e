"""Files that lie elsewhere, by addresses such as s3://bucket/answers.csv."""

from __future__ import annotations

import shutil
from typing import IO
from urllib.parse import urlsplit

import pyarrow
from pyarrow import fs

from grader.errors import Fault, TableError

_SCHEME = "://"


def is_address(name: str) -> bool:
    """Whether a file's name is an address."""
    return _SCHEME in name


def name_at(address: str) -> str:
    """The file's own name, which tells its format: what is asked of the file system is left out."""
    return urlsplit(address).path.rsplit("/", 1)[-1]


def fetch(address: str, into: IO[bytes]) -> None:
    """Copy the bytes of a file, as they are.

    Args:
        address: of a file system that pyarrow knows: s3, gs, hdfs and file; credentials come from the environment, as
            these have them.
        into: where to.

    Raises:
        TableError: it cannot be read.
    """
    try:
        system, path = fs.FileSystem.from_uri(address)
        with system.open_input_stream(path, compression=None) as stream:
            shutil.copyfileobj(stream, into)
    except (OSError, pyarrow.ArrowException, ValueError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise TableError([Fault(address, None, "", f"cannot be fetched: {first}")]) from error
