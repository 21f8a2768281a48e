"""What candidates and the authors of banks may write, as hypothesis strategies."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from grader.bank.question import Bank, Criterion, Exemplar, Misconception, Question, Source
from grader.grade import Verdict

LETTERS = string.ascii_lowercase
# no surrogates: an answer that is not Unicode text is refused before it is read
CHARACTERS = st.characters(exclude_categories=["Cs"])

WORDS = st.sampled_from(
    """
    network layer gate cell gradient error weight input output data loss training neurons overfitting learns updates
    predicts forgets keeps is are the a of to with and but not never without because prevents reduces which so e.g. i.e.
    etc. Fig. don't isn't 3.14 1,000 two x
    """.split()
)
MARKS = st.sampled_from(list(".!?,;:()[]{}`$|/–-'\"*#&<>=+_\\"))
SPACES = st.sampled_from(
    [" ", " ", " ", "  ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u2028", " | ", " – ", ", and ", ". "]
)
BULLETS = st.sampled_from(["\n- ", "\n* ", "\n• ", "\n1. ", "\n2) ", "\na) ", "\n(b) ", "\n## ", "\n> "])
UNUSUAL = st.one_of(
    st.sampled_from(["ﬁne", "Ａ", "x²", "½", "“so”", "it’s", "naïve", "nai\u0308ve", "straße", "İ", "…", "\ufdfa"]),
    st.sampled_from(["日本語", "это", "θ", "∇L", "❤\ufe0f", "👩\u200d🔬"]),
    st.sampled_from(["\u200b", "\u00ad", "\u202e", "\ufeff", "\x00"]),  # not seen
)
FORMULAS = st.sampled_from(
    [
        "$w - \\eta \\nabla L$",
        "y = σ(Wx + b)",
        "`a. b, and c`",
        "f(x. y)",
        "{a: [b; c]}",
        "O(n^2)",
        "p(y|x) = 0.5",
        "a_1, a_2",
    ]
)

prose = st.lists(st.one_of(WORDS, MARKS, SPACES, WORDS, SPACES), max_size=60).map("".join)
written = st.lists(st.one_of(WORDS, MARKS, SPACES, BULLETS, UNUSUAL, FORMULAS), max_size=60).map("".join)
anything = st.text(CHARACTERS, max_size=120)
texts = st.one_of(written, prose, anything)
"""Whatever a candidate may write: prose, lists, formulas, other scripts, and plain noise."""

plain_words = st.text(LETTERS, min_size=2, max_size=12)
"""Words of lower-case letters, long enough not to be a list's mark."""

phrases = st.lists(WORDS.filter(str.isalpha), min_size=1, max_size=3).map(" ".join)
prefixes = st.text(LETTERS, min_size=2, max_size=6).map("{}*".format)
patterns = st.sampled_from(
    ["/gates?/", "/learn.{0,9}rate/", r"/\bnot\b/", "/(loss|error) (is|falls)/", "/[0-9]+/", "/über/"]
)
keyword_groups = st.lists(st.one_of(phrases, prefixes, patterns), min_size=1, max_size=4).map(tuple)
keywords = st.lists(keyword_groups, max_size=4).map(tuple)
"""The keywords of a statement: phrases, prefixes and patterns."""

ids = st.from_regex(r"[a-z][a-z0-9]{0,8}([._-][a-z0-9]{1,6}){0,2}", fullmatch=True)
# begins with a letter: a YAML 1.1 writer leaves `0o17` and `1e3` bare, which are numbers to a reader of YAML 1.2
bank_texts = st.builds("{}{}".format, plain_words, st.one_of(written, anything))
wordings = st.lists(bank_texts, max_size=2).map(tuple)
weights = st.floats(0.01, 100)
units = st.floats(0, 1)


def _distinct_ids(least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(ids, min_size=least, max_size=most, unique=True)


@st.composite
def criteria(draw: st.DrawFn, most: int = 3) -> tuple[Criterion, ...]:
    """Criteria that do not depend on each other."""
    return tuple(
        Criterion(
            id=name,
            statement=draw(bank_texts),
            said_as=draw(wordings),
            keywords=draw(keywords),
            hint=draw(st.none() | bank_texts),
            weight=draw(weights),
        )
        for name in draw(_distinct_ids(0, most))
    )


@st.composite
def misconceptions(draw: st.DrawFn, denied: tuple[str, ...] = ()) -> tuple[Misconception, ...]:
    """Misconceptions that contradict some of the criteria named."""
    return tuple(
        Misconception(
            id=name,
            statement=draw(bank_texts),
            said_as=draw(wordings),
            keywords=draw(keywords),
            contradicts=tuple(draw(st.lists(st.sampled_from(denied), unique=True))) if denied else (),
            cap=draw(units),
        )
        for name in draw(_distinct_ids(0, 2))
    )


@st.composite
def questions(draw: st.DrawFn, question_id: str = "q") -> Question:
    """A question that agrees with itself."""
    stated = draw(criteria())
    names = tuple(criterion.id for criterion in stated)
    wrong = draw(misconceptions(names))
    verdicts = st.dictionaries(st.sampled_from(names), st.sampled_from(Verdict)) if names else st.just({})
    claims = st.lists(st.sampled_from([m.id for m in wrong]), unique=True) if wrong else st.just([])
    exemplars = st.builds(
        Exemplar,
        kind=st.sampled_from(["complete", "half", "terse", "bluff"]),
        score=units,
        answer=bank_texts,
        verdicts=verdicts,
        claims=claims.map(tuple),
    )
    return Question(
        id=question_id,
        question=draw(bank_texts),
        topic=draw(st.none() | bank_texts),
        difficulty=draw(st.none() | st.integers(1, 3)),
        max_points=draw(weights),
        references=tuple(draw(st.lists(bank_texts, min_size=1, max_size=3))),
        criteria=stated,
        misconceptions=wrong,
        exemplars=tuple(draw(st.lists(exemplars, max_size=2))),
        see_also=tuple(draw(_distinct_ids(0, 2))),
        notes=draw(st.none() | bank_texts),
    )


@st.composite
def banks(draw: st.DrawFn) -> Bank:
    """A bank that loads."""
    return Bank(
        bank=draw(ids),
        title=draw(bank_texts),
        language=draw(st.sampled_from(["en", "de", "no"])),
        source=draw(st.none() | st.builds(Source, document=bank_texts, title=st.none() | bank_texts)),
        reveal=draw(st.sampled_from(["nothing", "hints", "statements"])),
        points_step=draw(weights),
        questions=tuple(draw(questions(name)) for name in draw(_distinct_ids(1, 3))),
    )


yaml_pieces = st.one_of(
    st.sampled_from(["\n", "\n  ", "\n    - ", "- ", ": ", "? ", ", ", "[", "]", "{", "}", '"', "'", "\\", "# ", "\t"]),
    st.sampled_from(["bank: b", "questions:", "id: q", "weight: 0", "---\n", "...\n", "%YAML 1.2\n", "| ", ">-\n "]),
    st.sampled_from(["&a ", "*a", "!x ", "!!map ", "!!binary ", "<<: ", "\u2028", "\ufeff", "\x85"]),
    st.sampled_from(["~", "no", ".nan", ".inf", "0o17", "0x1F", "1_000", "1e999", "1:30", "2001-01-01", "="]),
)
yaml_texts = st.one_of(
    st.lists(st.one_of(yaml_pieces, plain_words), max_size=40).map("".join), st.text(CHARACTERS, max_size=80)
)
"""Text that may be YAML and may be a bank, and mostly is neither."""
