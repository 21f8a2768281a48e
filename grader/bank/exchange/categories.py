"""Moodle's categories: a path of names, divided by slashes; a slash in a name is written twice."""

from __future__ import annotations

import re

from grader.bank.exchange.characters import shortened

_LONGEST_NAME = 120  # code points; Moodle has room for 255
_PLAIN = re.compile(r"top|\$\w+\$|Default for .*", re.IGNORECASE)  # names that say nothing of their questions


def category_path(name: str) -> str:
    """The path of a category of this name, as Moodle writes those of a course."""
    return f"$course$/top/{shortened(name, _LONGEST_NAME).replace('/', '//')}"


def category_name(path: str) -> str | None:
    """The last name of a path; None if it is one that Moodle gives to every course."""
    name = re.split(r"(?<!/)/(?!/)", path)[-1].replace("//", "/").strip()
    return None if not name or _PLAIN.fullmatch(name) else name
