"""Denial throughout: an answer that says no to most of what right answers say.

One denial proves little, since a right answer says in many ways what is not so. Denials all through an answer do: of
the words that it shares with right answers it denies many, clause after clause. A word is denied by a negation
(`grader.text.negation`), or by its opposite in a sentence that says else what a right one says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.text.antonyms import antonyms
from grader.text.negation import Polarity, negators
from grader.text.reading import Reading, Sentence
from grader.text.taking_back import TakenBack, called_false, taken_back
from grader.text.tokens import Token

_SHARED_FROM = 3  # words shared with right answers: of fewer no share is told
# The shares of shared words that are denied, and of clauses that deny, from which an answer denies throughout, and the
# denials that it takes: of marked right answers (of three sets and of the banks) at most 3 in 1,000 do, of right ones
# with `not` in every clause 5 in 6. With fewer denials a right answer to a question that wants a denial would.
_DENIED_MOSTLY = 0.5
_DENIED_WIDELY, _DENYING_CLAUSES = 0.25, 0.34
_DENIALS_FROM = 3
_CLAUSE_FROM = 4  # words
_SAME_SENTENCE = 0.6  # the share of a sentence's content words that one of a right answer has, for it to say the same …
_SAME_WORDS = 2  # … and how many at least
_BESIDE = 2  # words on each side, one of which stands beside a word and beside its opposite

_CUTS = frozenset(",;:()–")
_JOINING = frozenset("and or but".split())

Stems = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RightWords:
    """What right answers say: the polarities of each content word's stem, and the stems of each sentence."""

    polarities: Mapping[str, frozenset[Polarity]]
    sentences: tuple[Stems, ...]


def right_words(texts: Iterable[Reading]) -> RightWords:
    """What texts that are right say."""
    polarities = defaultdict[str, set[Polarity]](set)
    sentences: list[Stems] = []
    for sentence in (sentence for text in texts for sentence in text.sentences):
        sentences.append(_stems(sentence.tokens))
        for token, polarity in zip(sentence.tokens, sentence.polarities, strict=True):
            if token.is_content:
                polarities[token.stem].add(polarity)
    return RightWords({stem: frozenset(found) for stem, found in polarities.items()}, tuple(sentences))


def denies_throughout(answer: Reading, right: RightWords) -> bool:
    """Whether an answer denies most of what it shares with right answers, or a good part of it in many clauses.

    It does so in several clauses, or takes back or calls false what it says.
    """
    opposite = [_says_opposite(sentence, right.sentences) for sentence in answer.sentences]
    denied = [
        word
        for sentence, is_opposite in zip(answer.sentences, opposite, strict=True)
        for word in _denials(sentence, right, is_opposite=is_opposite)
    ]
    if len(denied) < _SHARED_FROM:
        return False
    clauses = _denying(answer)
    share, denying = sum(denied) / len(denied), sum(clauses) / len(clauses) if clauses else 0.0
    wide = share >= _DENIED_MOSTLY or (share >= _DENIED_WIDELY and denying >= _DENYING_CLAUSES)
    return wide and (sum(clauses) + sum(opposite) >= _DENIALS_FROM or _calls_false(answer))


def _denials(sentence: Sentence, right: RightWords, *, is_opposite: bool) -> Iterator[bool]:
    """Of each word that a sentence shares with right answers, whether it denies it."""
    for token, polarity in zip(sentence.tokens, sentence.polarities, strict=True):
        said = right.polarities.get(token.stem)
        if said is not None and token.is_content:
            yield is_opposite or _is_denied(polarity, said)


def _is_denied(polarity: Polarity, said: frozenset[Polarity]) -> bool:
    if polarity is Polarity.NEGATED:
        return Polarity.NEGATED not in said
    return polarity is Polarity.RESTORED and said <= {Polarity.NEGATED, Polarity.LESSENED}


def _says_opposite(sentence: Sentence, others: Sequence[Stems]) -> bool:
    """Whether a sentence says what another says, but for a word in the place of its opposite."""
    stems, content = _stems(sentence.tokens), [token.stem for token in sentence.tokens if token.is_content]
    turning = [place for place, stem in enumerate(stems) if antonyms(stem)]
    if not turning:
        return False
    near = [(share, other) for other in others if (share := _nearness(content, frozenset(other)))]
    return any(_turns(stems, place, near, frozenset(content)) for place in turning)


def _nearness(content: Sequence[str], other: frozenset[str]) -> float:
    """The share of a sentence's content words that another has; 0 if it is too small for the two to say the same."""
    same = sum(stem in other for stem in content)
    return same / len(content) if same >= _SAME_WORDS and same / len(content) >= _SAME_SENTENCE else 0.0


def _turns(stems: Stems, place: int, near: Sequence[tuple[float, Stems]], content: frozenset[str]) -> bool:
    """Whether a sentence with the opposite of a word is at least as near as those that have the word itself."""
    opposed = max((share for share, other in near if _is_opposite(stems, place, other, content)), default=0.0)
    alike = max((share for share, other in near if stems[place] in other), default=0.0)
    return opposed > 0 and opposed >= alike


def _is_opposite(stems: Stems, place: int, other: Stems, content: frozenset[str]) -> bool:
    """Whether the word at a place stands where the other sentence has its opposite, and each has only the one."""
    opposites = antonyms(stems[place]) - set(stems)
    if stems[place] in other or not opposites:
        return False
    beside = _beside(stems, place) & content
    return any(stem in opposites and beside & _beside(other, there) for there, stem in enumerate(other))


def _beside(stems: Stems, place: int) -> frozenset[str]:
    return frozenset(stems[max(0, place - _BESIDE) : place] + stems[place + 1 : place + 1 + _BESIDE])


def _denying(answer: Reading) -> list[bool]:
    """Of each clause that is long enough to say something, whether it denies it."""
    clauses = (clause for sentence in answer.sentences for clause in _clauses(answer.text, sentence.tokens))
    return [len(negators(clause)) % 2 == 1 for clause in clauses if len(clause) >= _CLAUSE_FROM]


def _calls_false(answer: Reading) -> bool:
    """Whether an answer calls false what it says, or takes it back."""
    return any(
        called_false(sentence.tokens) is not None or taken_back(sentence.tokens) is not TakenBack.NOTHING
        for sentence in answer.sentences
    )


def _clauses(text: str, tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """A sentence's words, cut at every mark and at *and*, *or* and *but*: finer than where claims are cut."""
    clause: list[Token] = []
    end = tokens[0].start if tokens else 0
    for token in tokens:
        joins = token.form in _JOINING
        if joins or _CUTS.intersection(text[end : token.start]):
            yield clause
            clause = []
        if not joins:
            clause.append(token)
        end = token.end
    yield clause


def _stems(tokens: Sequence[Token]) -> Stems:
    return tuple(token.stem for token in tokens)
