"""Right answers turned into wrong ones by a small change in every clause: by *not*, by an antonym, by *it is false*.

There is no parser here: a verb is found by tables of words. What is wrong in the grammar of a result is still read by
people as a denial.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from grader.text.reading import Sentence, read

_CUT = re.compile(r"([,;:()–]|\b(?:and|or|but)\b)")
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
_BE_AND_MODALS = frozenset("is are was were am can may might must shall should will would could do does did".split())
_HAVE = {"has": "does not have", "have": "do not have", "had": "did not have"}
_DO = frozenset("do does did".split())
_DENIALS = frozenset("not never".split())
_CONTRACTED = {
    "isn't": "is", "aren't": "are", "wasn't": "was", "weren't": "were", "can't": "can", "cannot": "can",
    "couldn't": "could", "won't": "will", "wouldn't": "would", "shouldn't": "should", "mustn't": "must",
    "don't": "do", "doesn't": "does", "didn't": "did", "hasn't": "has", "haven't": "have", "hadn't": "had",
}  # fmt: skip
_VERBS = frozenset(
    """
    use learn reduce help make take give add compute prevent allow update adjust improve lead increase decrease
    deactivate drop switch normalize measure map convert predict generate contain consist depend describe determine
    produce enable require keep let apply choose combine compare connect extract capture create store pass read need
    work mean perform minimize maximize provide represent show solve speed stabilize start stop tell transform treat
    turn vary weigh become begin belong bring calculate carry cause change come divide draw ensure fall find flow
    focus follow force forget form fit generalize go grow happen hold handle introduce involve lie limit look lose
    move multiply penalize pick play prefer process propagate push put raise reach receive recognize refer
    regularize rely remove repeat rescale return rise run sample scale score see select send separate set share
    shift shrink shuffle skip slide slow sort specify split squash subtract sum supply support take teach tend train
    tune understand verify want widen yield detect discover encode decode estimate evaluate explain express feed
    guide ignore initialize leave memorize optimize output saturate stay suffer say
    """.split()
)
_BEFORE_NOUNS = frozenset(
    """
    the a an of its their these those this that many several all some any and or to with in by for on at from into over
    each every few more most no other such as than
    """.split()
)
_PLURAL_SUBJECTS = frozenset("they we you these those which that who".split())

ANTONYMS = (
    ("increase", "decrease"), ("increases", "decreases"), ("increased", "decreased"), ("increasing", "decreasing"),
    ("high", "low"), ("higher", "lower"), ("highest", "lowest"), ("large", "small"), ("larger", "smaller"),
    ("largest", "smallest"), ("more", "less"), ("most", "fewest"), ("many", "few"), ("before", "after"),
    ("maximize", "minimize"), ("maximizes", "minimizes"), ("maximum", "minimum"), ("faster", "slower"),
    ("fast", "slow"), ("nonlinear", "linear"), ("non-linear", "linear"), ("unsupervised", "supervised"),
    ("unlabeled", "labeled"), ("training", "testing"), ("input", "output"), ("inputs", "outputs"),
    ("first", "last"), ("early", "late"), ("earlier", "later"), ("better", "worse"), ("best", "worst"),
    ("good", "bad"), ("easy", "hard"), ("easier", "harder"), ("same", "different"), ("deep", "shallow"),
    ("global", "local"), ("positive", "negative"), ("always", "never"), ("with", "without"), ("simple", "complex"),
    ("strong", "weak"), ("stronger", "weaker"), ("long", "short"), ("longer", "shorter"), ("short-term", "long-term"),
    ("forward", "backward"), ("forwards", "backwards"), ("encoder", "decoder"), ("random", "fixed"),
    ("randomly", "deliberately"), ("continuous", "discrete"), ("dense", "sparse"), ("overfitting", "underfitting"),
    ("reduces", "increases"), ("reduce", "increase"), ("reducing", "increasing"), ("improves", "worsens"),
    ("improve", "worsen"), ("prevents", "causes"), ("prevent", "cause"), ("avoids", "causes"), ("avoid", "cause"),
    ("helps", "hinders"), ("help", "hinder"), ("adds", "removes"), ("add", "remove"), ("generator", "discriminator"),
    ("real", "fake"), ("known", "unknown"), ("fewer", "more"), ("cheap", "costly"), ("cheaper", "costlier"),
    ("only", "never"), ("all", "none of the"), ("stable", "unstable"), ("independent", "dependent"),
    ("vanish", "explode"), ("vanishing", "exploding"), ("convex", "concave"), ("upper", "lower"),
)  # fmt: skip
"""Pairs of words that turn a claim about machine learning into another. Both ways: where a word stands in several
pairs, by the one in which it stands first, else by the first of them."""

_OPPOSITE = {other: one for one, other in reversed(ANTONYMS)} | dict(reversed(ANTONYMS))


def by_auxiliary(text: str) -> str:
    """Every clause with *not* after its first auxiliary or, where a verb stands before that, with *does not*.

    A clause that is denied already is asserted. A sentence in which no verb is found begins with *It is not true that*.
    """
    return " ".join(map(_denied, read(text).sentences))


def by_antonym(text: str) -> str | None:
    """Every clause with its first word that has an antonym changed into it; sentences without such a word are denied.

    None where no word has an antonym.
    """
    sentences = read(text).sentences
    if not any(_in_clauses(sentence, _swapped) for sentence in sentences):
        return None
    return " ".join(_in_clauses(sentence, _swapped) or _denied(sentence) for sentence in sentences)


def by_false_that(text: str) -> str:
    """Every sentence after *It is false that*."""
    return " ".join(f"It is false that {_uncapitalized(_line(sentence.text))}" for sentence in read(text).sentences)


def _denied(sentence: Sentence) -> str:
    return _in_clauses(sentence, _with_denied_verb) or f"It is not true that {_uncapitalized(_line(sentence.text))}"


def _in_clauses(sentence: Sentence, change: Callable[[str], str]) -> str:
    """The sentence with a change in every clause that takes one (the others give an empty text); empty if none does.

    Clauses are cut at every mark and at *and*, *or* and *but*, finer than where the grader cuts: what is left
    undenied would still be right.
    """
    parts = _CUT.split(sentence.text)
    turned = [change(part) for part in parts]
    return _line("".join(new or old for new, old in zip(turned, parts, strict=True))) if any(turned) else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _uncapitalized(sentence: str) -> str:
    """The sentence to stand inside another: its first letter small, unless its first word is a name or an acronym."""
    first = _WORD.match(sentence)
    is_name = first is not None and (len(first.group()) == 1 or not first.group()[1:].islower())
    return sentence if is_name and sentence[:2] != "A " else sentence[:1].lower() + sentence[1:]


def _with_denied_verb(clause: str) -> str:
    """The clause with its first verb denied; empty where no verb is found."""
    words = list(_WORD.finditer(clause))
    forms = ["", *(word.group().lower() for word in words), ""]
    for word, before, form, after in zip(words, forms, forms[1:], forms[2:], strict=False):
        denied = _denied_verb(form, before, after)
        if denied is not None:
            rest = clause[word.end() :]
            said = denied.capitalize() if word.group()[0].isupper() else denied
            return clause[: word.start()] + said + (rest.lstrip()[len(after) :] if after in _DENIALS else rest)
    return ""


def _denied_verb(form: str, before: str, after: str) -> str | None:
    """A verb with its denial (without it, if it is denied), or None if the word is no verb here."""
    return _denied_auxiliary(form, after) or _denied_main_verb(form, before)


def _denied_auxiliary(form: str, after: str) -> str | None:
    if form in _CONTRACTED:
        return _CONTRACTED[form]
    if form not in _BE_AND_MODALS and form not in _HAVE:
        return None
    if after in _DENIALS:
        return form
    if form in _DO and after in _BEFORE_NOUNS:
        return f"{form} not do"
    if form in _HAVE and not after.endswith(("ed", "en")):
        return _HAVE[form]
    return "cannot" if form == "can" else f"{form} not"


def _denied_main_verb(form: str, before: str) -> str | None:
    if before in _BEFORE_NOUNS and before not in _PLURAL_SUBJECTS:
        return None
    base = _base(form)
    if base is not None:
        return f"does not {base}"
    is_plural = before in _PLURAL_SUBJECTS or (before.endswith("s") and not before.endswith("ss"))
    return f"do not {form}" if form in _VERBS and is_plural else None


def _base(form: str) -> str | None:
    """The verb of which a word is the third person, or None."""
    if not form.endswith("s"):
        return None
    endings = (form[:-1], form[:-2] if form.endswith("es") else "", f"{form[:-3]}y" if form.endswith("ies") else "")
    return next((base for base in endings if base in _VERBS), None)


def _swapped(clause: str) -> str:
    """The clause with the first word that has an antonym changed; empty where there is none."""
    for word in re.finditer(r"[A-Za-z]+(?:-[a-z]+)*", clause):
        other = _OPPOSITE.get(word.group().lower())
        if other is not None:
            said = other.capitalize() if word.group()[0].isupper() else other
            return clause[: word.start()] + said + clause[word.end() :]
    return ""
