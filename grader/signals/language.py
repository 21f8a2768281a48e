"""What a text is written in: English, another language, no language, or characters that deceive."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import simplemma

from grader.text.normalize import Normalized
from grader.text.tokens import FUNCTION_WORDS, Token

_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")  # each dictionary takes up to a second to load, once
_LANGUAGE_SHARE = 0.6  # of words that another language's dictionary knows
_WORD = 4  # code points: shorter ones may be symbols of a formula
_SAMPLE = 2000  # code points are enough to tell a language by
_HIDDEN_CHARACTERS = 3  # fewer come with pasted text
_DECEIVING = frozenset({"CYRILLIC", "ARMENIAN", "CHEROKEE"})  # scripts with letters that look Latin
_DECEIVING_GREEK = frozenset("οΟΑΒΕΖΗΙΚΜΝΡΤΥΧ")  # the Greek letters that no formula needs: they look Latin


def unknown_share(tokens: Sequence[Token], vocabulary: frozenset[str]) -> float:
    """The share of words, in [0, 1], that are neither English nor of a vocabulary of stems.

    The dictionary, a tenth of a second to load, is asked only when function words and the vocabulary do not already
    make up most of the text.
    """
    if not tokens:
        return 0.0
    strange = [token for token in tokens if token.form not in FUNCTION_WORDS and token.stem not in vocabulary]
    if len(strange) < len(tokens) / 2:
        return 0.0
    unknown = [token for token in strange if not token.form[0].isdigit() and not simplemma.is_known(token.form, "en")]
    return len(unknown) / len(tokens)


def foreign_language(text: str) -> str | None:
    """The language of a text that is not English, as a code or the name of its script; None if none is clear."""
    words = [word for word in text[:_SAMPLE].split() if len(word) >= _WORD]
    letters = [character for word in words for character in word if character.isalpha()]
    foreign = [character for character in letters if _script(character) != "LATIN"]
    if len(foreign) > len(letters) / 2:
        return Counter(map(_script, foreign)).most_common(1)[0][0].lower()
    ranked = simplemma.langdetect(text[:_SAMPLE], lang=_LANGUAGES)
    language, share = ranked[0] if ranked else ("unk", 0.0)
    return language if language not in ("en", "unk") and share >= _LANGUAGE_SHARE else None


def hidden_text(normalized: Normalized, tokens: Sequence[Token]) -> str | None:
    """What of a text a reader would not see, or would take for other letters; None if nothing."""
    if normalized.unseen >= _HIDDEN_CHARACTERS:
        return f"{normalized.unseen} invisible characters"
    mixed = next((token.form for token in tokens if _mixes_scripts(token.form)), None)
    return None if mixed is None else f"{mixed!r} mixes alphabets"


@lru_cache(maxsize=16_384)
def _mixes_scripts(form: str) -> bool:
    if form.isascii() or len(form) < 3:
        return False
    scripts = {_script(character) for character in form if character.isalpha()}
    return "LATIN" in scripts and (not scripts.isdisjoint(_DECEIVING) or not _DECEIVING_GREEK.isdisjoint(form))


def _script(character: str) -> str:
    return unicodedata.name(character, "unknown").split()[0]
