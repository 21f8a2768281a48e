"""Keywords: which of a statement's concepts an answer says, and which it denies.

A statement's keywords are groups; a group is hit where any of its alternatives stands. Groups that the question itself
hits prove nothing and are left out, so repeating the question earns nothing. A hit whose polarity is the opposite of
the statement's own (the statement says *reduces overfitting*, the answer *does not reduce overfitting*) counts as
denied, not as said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import re2
import simplemma
from rapidfuzz.distance import DamerauLevenshtein

from grader.bank.keywords import Keywords, compile_pattern, is_pattern
from grader.text.index import Place, WordIndex
from grader.text.negation import Polarity, negators
from grader.text.normalize import Span, normalize
from grader.text.reading import Reading, Sentence
from grader.text.tokens import Token, tokenize

NEIGHBOURS = 0.95  # what a group counts when it stands in the next sentence
ANYWHERE = 0.85  # … and when it stands anywhere in the answer
_SLIP_FROM = 5  # letters: shorter words are matched as they are
_TWO_SLIPS_FROM = 9  # letters: longer words may have two


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an alternative; a prefix matches every word that begins so."""

    form: str
    stem: str
    is_prefix: bool
    slips: int

    def places(self, index: WordIndex) -> list[Place]:
        """Where it stands in an answer: by prefix, by stem, or else with a slip of the pen."""
        if self.is_prefix:
            forms = [form for form in index.forms_like(self.form) if form.startswith(self.form)]
        else:
            exact = index.stem_places(self.stem)
            if exact or not self.slips:
                return exact
            forms = [form for form in index.forms_like(self.form) if _is_slip(self.form, form, self.slips)]
        return sorted(place for form in forms for place in index.form_places(form))


def _is_slip(meant: str, written: str, slips: int) -> bool:
    """Whether a word is another one misspelt: near it by letters, and no English word itself."""
    if abs(len(written) - len(meant)) > slips:
        return False
    distance = DamerauLevenshtein.distance(meant, written, score_cutoff=slips)
    return 0 < distance <= slips and not simplemma.is_known(written, "en")


Phrase = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The compiled alternatives of one concept."""

    phrases: tuple[Phrase, ...]
    patterns: tuple[re2._Regexp, ...]

    @property
    def words(self) -> Iterator[Word]:
        """Every word of its phrases."""
        return (word for phrase in self.phrases for word in phrase)


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a group is said: words [first, last] of a sentence, and how."""

    sentence: int
    first: int
    last: int
    polarity: Polarity


HitsBySentence = Mapping[int, Hit]
"""The first hit of a group in each sentence that has one."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A statement's groups that the question does not hit, and the polarity in which the statement says each."""

    groups: tuple[Group, ...]
    stances: tuple[Polarity, ...]


@dataclass(frozen=True, slots=True)
class KeywordMatch:
    """What an answer says of a statement's groups.

    Attributes:
        said: the share of groups said, in [0, 1]: in one sentence fully, farther apart a little less.
        together: the share of groups said in one sentence.
        denied: the share of groups accounted for in a sentence that denies at least one of them, else 0.
        spans: where the groups counted in `said` stand, in the text read.
        denied_spans: where the denied ones stand.
    """

    said: float
    together: float
    denied: float
    spans: tuple[Span, ...]
    denied_spans: tuple[Span, ...]


def compile_matcher(keywords: Keywords, statement: Reading, question: Reading | None) -> Matcher:
    """Compile a statement's keywords, leaving out groups that the question hits. Alternatives are already validated."""
    groups: list[Group] = []
    stances: list[Polarity] = []
    for alternatives in keywords:
        group = _compile_group(alternatives)
        if question is not None and any(True for _ in _hits(group, WordIndex(question))):
            continue
        stance = next((hit.polarity for hit in _hits(group, WordIndex(statement))), Polarity.PLAIN)
        groups.append(group)
        stances.append(stance)
    return Matcher(tuple(groups), tuple(stances))


def match_keywords(matcher: Matcher, index: WordIndex) -> KeywordMatch | None:
    """What an answer says of the groups; None where there are none to look for."""
    if not matcher.groups:
        return None
    said: list[HitsBySentence] = []
    denied: list[HitsBySentence] = []
    for group, stance in zip(matcher.groups, matcher.stances, strict=True):
        hits = list(_hits(group, index))
        said.append(_by_sentence(hit for hit in hits if not _opposes(hit.polarity, stance)))
        denied.append(_by_sentence(hit for hit in hits if _opposes(hit.polarity, stance)))
    share, together, counted = _said(said)
    denied_share, denied_hits = _denied(said, denied)
    answer = index.reading
    return KeywordMatch(share, together, denied_share, _spans(answer, counted), _spans(answer, denied_hits))


def _by_sentence(hits: Iterable[Hit]) -> HitsBySentence:
    first: dict[int, Hit] = {}
    for hit in hits:
        first.setdefault(hit.sentence, hit)
    return first


def _opposes(polarity: Polarity, stance: Polarity) -> bool:
    """Whether saying something with one polarity denies a statement that says it with the other.

    What is merely lessened, or said plainly of something the statement lessens, leaves the statement open.
    """
    if stance is Polarity.PLAIN or stance is Polarity.RESTORED:
        return polarity is Polarity.NEGATED
    return polarity is Polarity.RESTORED


def _said(hits: Sequence[HitsBySentence]) -> tuple[float, float, list[Hit]]:
    """The share of groups said, the share said in one sentence, and the hits that give the former."""
    anywhere = [next(iter(group.values()), None) for group in hits]
    best, together, counted = 0.0, 0.0, list[Hit]()
    for place in sorted({place for group in hits for place in group}):
        ways = [
            (group.get(place), group.get(place - 1) or group.get(place + 1), far)
            for group, far in zip(hits, anywhere, strict=True)
        ]
        together = max(together, sum(near is not None for near, _, _ in ways) / len(hits))
        share = sum(_worth(*way) for way in ways) / len(hits)
        if share > best:
            best, counted = share, [hit for near, beside, far in ways if (hit := near or beside or far)]
    return best, together, counted


def _worth(near: Hit | None, beside: Hit | None, far: Hit | None) -> float:
    return 1.0 if near else NEIGHBOURS if beside else ANYWHERE if far else 0.0


def _denied(said: Sequence[HitsBySentence], denied: Sequence[HitsBySentence]) -> tuple[float, list[Hit]]:
    """The largest share of groups that a sentence accounts for while it denies one, and the denying hits."""
    best, found = 0.0, list[Hit]()
    for place in sorted({place for group in denied for place in group}):
        accounted = sum(place in yes or place in no for yes, no in zip(said, denied, strict=True)) / len(said)
        if accounted > best:
            best, found = accounted, [group[place] for group in denied if place in group]
    return best, found


def _spans(answer: Reading, hits: Sequence[Hit]) -> tuple[Span, ...]:
    spans = {
        Span(answer.sentences[h.sentence].tokens[h.first].start, answer.sentences[h.sentence].tokens[h.last].end)
        for h in hits
    }
    return tuple(sorted(spans))


def _compile_group(alternatives: Sequence[str]) -> Group:
    plain = [normalize(text).text for text in alternatives if not is_pattern(text)]
    joined = [text.replace("-", "") for text in plain if "-" in text]  # `multilayer` is `multi-layer`, too
    return Group(
        tuple(_compile_phrase(text) for text in (*plain, *joined)),
        tuple(compile_pattern(text) for text in alternatives if is_pattern(text)),
    )


def _compile_phrase(text: str) -> Phrase:
    tokens = tokenize(text.removesuffix("*"))
    starred = text.endswith("*")
    return tuple(_word(token, starred and token is tokens[-1]) for token in tokens)


def _word(token: Token, is_prefix: bool) -> Word:
    slips = 0 if len(token.form) < _SLIP_FROM else 1 if len(token.form) < _TWO_SLIPS_FROM else 2
    return Word(token.form, token.stem, is_prefix, 0 if is_prefix else slips)


def _hits(group: Group, index: WordIndex) -> Iterator[Hit]:
    sentences = index.reading.sentences
    for phrase in group.phrases:
        for place, first, last in _phrase_ranges(phrase, index):
            yield Hit(place, first, last, _polarity(sentences[place], first, last))
    for pattern in group.patterns:
        if not _may_match(pattern, index.matched_text):
            continue
        for number, sentence in enumerate(sentences):
            for match in pattern.finditer(sentence.matched_text):
                covered = _covered(sentence, *match.span())
                if covered:
                    yield Hit(number, *covered, _polarity(sentence, *covered))


def _may_match(pattern: re2._Regexp, text: str) -> bool:
    """Whether a pattern can match in a sentence of a text: one look at the whole saves one at every sentence."""
    anchored = "^" in pattern.pattern or "$" in pattern.pattern
    return anchored or pattern.search(text) is not None


def _phrase_ranges(phrase: Phrase, index: WordIndex) -> Iterator[tuple[int, int, int]]:
    """Each place of a phrase, as sentence, first token, last token."""
    starts = phrase[0].places(index)
    following = [set(word.places(index)) for word in phrase[1:]] if starts else []
    for sentence, first in starts:
        if all(Place(sentence, first + step) in places for step, places in enumerate(following, start=1)):
            yield sentence, first, first + len(phrase) - 1


def _covered(sentence: Sentence, start: int, end: int) -> tuple[int, int] | None:
    """The words that a stretch of the sentence's text touches; of a stretch of signs alone, the word nearest to it."""
    begin, stop = start + sentence.span.start, end + sentence.span.start
    touched = [i for i, token in enumerate(sentence.tokens) if token.start < stop and token.end > begin]
    if touched:
        return touched[0], touched[-1]
    if not sentence.tokens or not sentence.matched_text[start:end].strip():
        return None
    nearest = min(range(len(sentence.tokens)), key=lambda i: _gap(sentence.tokens[i], begin, stop))
    return nearest, nearest


def _gap(token: Token, begin: int, stop: int) -> int:
    """How many code points lie between a word and a stretch that it does not touch."""
    return max(token.start - stop, begin - token.end)


def _polarity(sentence: Sentence, first: int, last: int) -> Polarity:
    """The polarity of a hit: that of its first word, but what it says by a negation of its own is said plainly."""
    if any(first <= place <= last for place in negators(sentence.tokens)):
        return Polarity.PLAIN
    return sentence.polarities[first]
