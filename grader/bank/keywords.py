"""Keywords: the ways a concept can be said, as a bank writes them.

A *group* is a list of alternatives, any of which says the concept. An alternative is
- words (`learning rate`): matched on stems, with inflection, spelling slips and hyphens forgiven;
- words with a trailing star (`predict*`): every word that begins so;
- `/…/`: a regular expression in RE2's syntax, matched without case on the normalized text of a sentence.
"""

from __future__ import annotations

from typing import Annotated

import re2
from pydantic import AfterValidator, Field, ValidationInfo

from grader.text.normalize import normalize
from grader.text.tokens import tokenize

PATTERN_MEMORY = 1 << 20  # bytes RE2 may spend on one pattern: enough for any rubric, too little for a bomb
MAX_KEYWORD = 500  # code points


def is_pattern(keyword: str) -> bool:
    """Whether the alternative is a regular expression."""
    return len(keyword) > 2 and keyword.startswith("/") and keyword.endswith("/")


def compile_pattern(keyword: str) -> re2._Regexp:
    """The compiled expression of a `/…/` alternative.

    Raises:
        ValueError: RE2 refuses it.
    """
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = PATTERN_MEMORY
    options.log_errors = False
    try:
        return re2.compile(normalize(keyword).text[1:-1], options)
    except re2.error as refusal:
        reason = refusal.args[0]
        text = reason.decode() if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"RE2 refuses the pattern {keyword}: {text}") from refusal


CHECKED = {"checked": True}
"""The validation context of a bank whose keywords were found good before: compiling them is half of the work."""


def _check_keyword(keyword: str, info: ValidationInfo) -> str:
    if info.context is CHECKED:
        return keyword
    if is_pattern(keyword):
        match = compile_pattern(keyword).search("a b")
        if match is not None and match.start() == match.end():
            raise ValueError(f"the pattern {keyword} matches where nothing is said")
    elif not tokenize(normalize(keyword).text):
        raise ValueError("a keyword has a letter or a digit; write signs as a pattern: /\\+\\+/")
    elif keyword != keyword.strip():
        raise ValueError("a keyword has no space around it")
    elif "*" in keyword[:-1] or keyword == "*":
        raise ValueError("a star stands only at the end of a keyword: predict*")
    return keyword


Keyword = Annotated[str, Field(min_length=1, max_length=MAX_KEYWORD), AfterValidator(_check_keyword)]
KeywordGroup = Annotated[tuple[Keyword, ...], Field(min_length=1, max_length=64)]
Keywords = Annotated[tuple[KeywordGroup, ...], Field(max_length=12)]
