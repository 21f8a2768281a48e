"""Loading bars of libraries, which have no place on a user's terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from transformers.utils import logging as transformers_logging


@contextmanager
def no_loading_bars() -> Iterator[None]:
    """Keep the libraries' loading bars off the terminal; their warnings and errors stay."""
    was_enabled = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call] # transformers annotates it not at all
    try:
        yield
    finally:
        if was_enabled:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call] # the same
