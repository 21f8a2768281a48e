"""Questions and answers found in lines, style by style."""

from __future__ import annotations

import pytest

from grader.bank.extraction.extract import extract
from grader.bank.extraction.found import Extraction, Found


def read(text: str) -> Extraction:
    return extract(text.strip("\n").split("\n"))


def pairs(text: str) -> list[tuple[int, str, str]]:
    return [(one.number, one.question, one.answer) for one in read(text).found]


def only(text: str) -> Found:
    (one,) = read(text).found
    return one


TWO = [(1, "What is a gate?", "It scales."), (2, "Why use it?", "It forgets.")]


@pytest.mark.parametrize(
    "text",
    [
        "1. What is a gate?\n\nIt scales.\n\n2. Why use it?\n\nIt forgets.",
        "1) What is a gate?\nIt scales.\n\n2) Why use it?\nIt forgets.",
        "(1) What is a gate?\n\nIt scales.\n\n(2) Why use it?\n\nIt forgets.",
        "### 1. What is a gate?\n\nIt scales.\n\n**2. Why use it?**\n\nIt forgets.",
        "## 1 What is a gate?\n\nIt scales.\n\n## 2 Why use it?\n\nIt forgets.",
        "**1.** What is a gate?\n\nIt scales.\n\n**2.** Why use it?\n\nIt forgets.",
        "1\\. What is a gate?\n\nIt scales.\n\n2\\. Why use it?\n\nIt forgets.",
        "## Q1) What is a gate?\n\nAns1:\n\nIt scales.\n\n**Q2: Why use it?**\n\n**Ans2:**\n\nIt forgets.",
        "**Q1: What is a gate?****Ans1:**\n\nIt scales.\n\n**Q2: Why use it?**\n\n**Ans 2:** It forgets.",
        "Q1. What is a gate?\nA1. It scales.\nQ2. Why use it?\nA2. It forgets.",
        "Question 1: What is a gate?\nAnswer: It scales.\n\nQuestion 2: Why use it?\nAnswer: It forgets.",
        "## Question 1\nWhat is a gate?\n## Answer\nIt scales.\n## Question 2\n\nWhy use it?\n\n## Answer\nIt forgets.",
        "Q: What is a gate?\nA: It scales.\n\nQ: Why use it?\nA: It forgets.",
        "**Q:** What is a gate?\n\n**A:** It scales.\n\n**Q:** Why use it?\n\n**A:** It forgets.",
        "Q: What is a gate? A: It scales.\nQ: Why use it? A: It forgets.",
        "**Q. What is a gate?**\n\nA. It scales.\n\n**Q. Why use it?**\n\n**A.** It forgets.",
        "| Question | Answer |\n|---|---|\n| What is a gate? | It scales. |\n| Why use it? | It forgets. |",
        "| N | Q | X | A |\n|-|-|-|-|\n| a | What is a gate? | | It scales. |\n| b | Why use it? | | It forgets. |",
        "| What is a gate? | It scales. |\n|---|---|\n| Why use it? | It forgets. |",
        "# FAQ\n\n## What is a gate?\n\nIt scales.\n\n## Why use it?\n\nIt forgets.",
        "**What is a gate?**\n\nIt scales.\n\n**Why use it?**\n\nIt forgets.",
        "What is a gate?\n:   It scales.\n\nWhy use it?\n:   It forgets.",
        "What is a gate?\n\nIt scales.\n\nWhy use it?\n\nIt forgets.",
    ],
)
def test_every_style_gives_the_same_questions_and_answers(text: str) -> None:
    assert pairs(text) == TWO


def test_an_items_number_in_an_answer_is_no_question() -> None:
    text = """
1. What are the steps?

There are three:

1. Begin
2. Work
3. Stop

2. Why so many?

  1. One is too few: it would not do.
  2. Five are too many.

3. Is that all?

1. Yes

2. It is
"""
    assert pairs(text) == [
        (1, "What are the steps?", "There are three:\n\n1. Begin\n2. Work\n3. Stop"),
        (2, "Why so many?", "1. One is too few: it would not do.\n2. Five are too many."),
        (3, "Is that all?", "1. Yes\n2. It is"),
    ]


def test_items_that_ask_are_no_questions_either() -> None:
    text = """
1. How is a bridge inspected?

Ask yourself:

1. Is it safe?
2. Is it dry?

2. How is a road inspected?

Look at it.
"""
    assert [number for number, *_ in pairs(text)] == [1, 2]


def test_a_table_of_contents_is_left_out() -> None:
    titles = ["What is a gate?", "Why use it?", "How does it learn?"]
    contents = "\n\n".join(f"{i}. {title}" for i, title in enumerate(titles, start=1))
    body = "\n\n".join(f"{i}. {title}\n\nAnswer {i} says so." for i, title in enumerate(titles, start=1))
    assert pairs(f"# Contents\n\n{contents}\n\nLet us begin with the first of them.\n\n{body}") == [
        (i, title, f"Answer {i} says so.") for i, title in enumerate(titles, start=1)
    ]


def test_numbers_that_begin_anew_stay_and_are_doubted() -> None:
    found = read("1. What is A?\n\nOne thing.\n\n2. What is B?\n\nTwo.\n\n1. What is C?\n\nThree things here.").found
    assert [one.number for one in found] == [1, 2, 1]
    assert "the number 1 stands 2 times" in found[0].doubts
    assert "the number 1 stands 2 times" in found[2].doubts


def test_lists_that_a_converter_numbers_anew_are_counted_through() -> None:
    found = read("1. What is A?\n\nOne thing here.\n\n1. What is B?\n\nTwo things here.").found
    assert [(one.number, one.doubts) for one in found] == [(1, ()), (2, ())]


def test_gaps_in_the_numbers_are_kept() -> None:
    assert [number for number, *_ in pairs("3. What is A?\n\nOne.\n\n7. What is B?\n\nTwo.")] == [3, 7]


def test_a_question_without_an_answer_is_told_and_left_out() -> None:
    extraction = read("1. What is A?\n\nOne.\n\n2. What is B?\n\n3. What is C?\n\nThree.")
    assert [one.number for one in extraction.found] == [1, 3]
    assert [(one.number, one.line) for one in extraction.unanswered] == [(2, 5)]


def test_a_task_is_a_question() -> None:
    assert only("1. Explain the gates of a cell.\n\nThey scale what passes through.").doubts == ()


def test_a_heading_that_asks_nothing_is_doubted() -> None:
    found = read("### 1. Gates\n\nThey scale what passes.\n\n### 2. Cells\n\nThey store what passes.").found
    assert [one.question for one in found] == ["Gates", "Cells"]
    assert all("it does not read as a question" in one.doubts for one in found)


def test_a_wrapped_question_is_joined() -> None:
    text = "1. What is the difference between a gate\n   and a cell?\n\nA gate scales.\n\n2. Why?\n\nBecause it does."
    assert pairs(text)[0] == (1, "What is the difference between a gate and a cell?", "A gate scales.")


def test_what_stands_behind_the_question_mark_is_the_answer() -> None:
    one = only("**Q1: What is a gate? How does it learn? It scales what passes.**\n\n**Ans1:**\n\n- It learns too.")
    assert (one.question, one.answer) == (
        "What is a gate? How does it learn?",
        "It scales what passes.\n\n- It learns too.",
    )
    assert "read as the beginning of the answer" in one.doubts[0]


@pytest.mark.parametrize(
    "asked",
    [
        "Time passes. Which gate opens?",
        "What is a gate? Explain it.",
        "What is a gate? and why?",
        "Is `a ? b : c` short?",
        "What does “why?” mean?",
    ],
)
def test_a_whole_question_stays_whole(asked: str) -> None:
    one = only(f"**Q1: {asked}**\n\n**Ans1:**\n\nIt is what it is.")
    assert one.question == asked.replace("`", "")
    assert one.doubts == ()


@pytest.mark.parametrize("tag", ["(asked at Acme)", "[Acme]", "[Acme, Initech & Co]", "(2 marks)", "[10 points]"])
def test_who_asked_and_for_how_much_is_no_part_of_the_question(tag: str) -> None:
    assert only(f"Q1: Why is it so? {tag}\nA1: Because of the wind.").question == "Why is it so?"


@pytest.mark.parametrize("asked", ["Why is it so? (Give an example.)", "What is a[0]?", "Name it. [in one word]"])
def test_what_stands_in_brackets_may_be_asked(asked: str) -> None:
    assert only(f"Q1: {asked}\nA1: Because of the wind.").question == asked


def test_the_rows_of_tables_have_their_lines_and_those_without_an_answer_are_told() -> None:
    found = read("Before\n\n| Answer | Question |\n|---|---|\n| | What is A? |\n| Two. | What is B? |\n\nAfter")
    assert [(one.number, one.question, one.line) for one in found.unanswered] == [(1, "What is A?", 5)]
    assert [(one.number, one.answer, one.first, one.last) for one in found.found] == [(2, "Two.", 6, 6)]


def test_lines_are_counted_from_one_and_end_with_the_answer() -> None:
    found = read("Title\n\n1. What is A?\n\nOne.\nMore.\n\n\n2. What is B?\n\nTwo.\n\n").found
    assert [(one.first, one.last) for one in found] == [(3, 6), (9, 11)]


def test_markup_becomes_plain_text_and_formulas_stay() -> None:
    text = """
1. What is **it**?

It has `code`, a [link](http://x.example), *stress* and List<String>; a*b*c and a \\_ b &lt; c.

$$y = \\frac{a}{b} \\\\ z_1$$

* one
+ two
• three with $x_i * y_i$

Name\tCost
<b>new</b>\tlow

| a | | b |
| --- | --- | --- |
| 1 | | 2 |
| 3 | 4 | |

```python
x = 1
# 2. What is this? No question.
```
"""
    assert only(text).answer == (
        "It has code, a link, stress and List<String>; a*b*c and a _ b < c.\n\n"
        "$$y = \\frac{a}{b} \\\\ z_1$$\n\n"
        "- one\n- two\n- three with $x_i * y_i$\n\n"
        "Name | Cost\nnew | low\n\n"
        "a | – | b\n1 | – | 2\n3 | 4\n\n"
        "x = 1\n# 2. What is this? No question."
    )


def test_a_paragraph_that_a_page_end_cuts_is_made_whole() -> None:
    text = "1. Why?\n\nThe gate opens whenever the value that it reads\n\nis large enough to pass.\n\nThen it shuts."
    assert only(text).answer == (
        "The gate opens whenever the value that it reads is large enough to pass.\n\nThen it shuts."
    )


LEFT_OUT = """
1. What is a gate?

A gate scales what passes.

{noise}

2. What is a cell?

A cell stores.
"""


@pytest.mark.parametrize(
    "noise",
    [
        "A simple gate diagram with two inputs.",
        "Visualizing a gate.",
        "Figure 3: gates and cells",
        "Open\n\nHalf Open\n\nShut\n\nA simple gate diagram with three states.",
        "Next up, let us look at the harder questions.",
        "If you want to know more, make sure to check our course.",
        "This question is often asked by recruiters.",
        "Intermediate Questions",
        "[Advanced Questions](#)",
        "Thank you for reading!\nFollow us on Acme.",
        "Part 2: Cells (2-9)",
        "**Cells**",
        "## Cells",
        "# Part two\n\nAn introduction to cells.",
        "![a gate](gate.png)",
        "![a gate](gate.png)\n*Figure 3: a gate*",
        "![a gate](gate.png)  \nA simple gate diagram with two inputs.",
        "Buy our course on gates today!",
        "Download the complete guide as a PDF.",
        "Get 20% off with the first order.",
        "Advertisement",
    ],
)
def test_what_is_no_answer_is_left_out(noise: str) -> None:
    assert pairs(LEFT_OUT.format(noise=noise)) == [
        (1, "What is a gate?", "A gate scales what passes."),
        (2, "What is a cell?", "A cell stores."),
    ]


@pytest.mark.parametrize(
    "told",
    [
        "A diagram is drawn from left to right.",
        "The structure of a cell has two parts.",
        "- Input\n- Output",
        "Input\nOutput",
        "Such questions are hard.",
        "People buy this gate for its price, and they order the guide rail with it.",
        "Download the weights of the pretrained network.",
        "**Types of gates**\n\n- one\n- two",
        "### Types of gates\n\nThere are two.",
    ],
)
def test_what_is_answer_stays(told: str) -> None:
    answer = pairs(LEFT_OUT.format(noise=told))[0][2]
    assert answer.replace("*", "").replace("#", "").split()[5:] == told.replace("*", "").replace("#", "").split()


def test_what_was_left_out_is_told_with_its_lines() -> None:
    text = "1. What is a gate?\n\nIt scales what passes.\n\nOpen\n\nShut\n\nA gate diagram with two states."
    assert only(text).doubts == ("lines 5–9 left out as a caption and the labels of its figure",)


@pytest.mark.parametrize("ending", ["Unit 4\n\nGates\n\nCells", "Conclusion\n\nThat was it.", "3 Comments\n\nNice!"])
def test_what_follows_the_last_answer_is_left_out_and_told(ending: str) -> None:
    one = only(f"1. What is a gate?\n\nIt scales what passes.\n\n{ending}")
    assert (one.answer, one.last) == ("It scales what passes.", 3)
    assert "from “" in one.doubts[0]


def test_nothing_is_taken_that_would_leave_no_answer() -> None:
    one = only("1. What should a candidate do?\n\nMake sure to answer calmly.")
    assert one.answer == "Make sure to answer calmly."
    assert "may speak of the document" in one.doubts[0]


def test_a_line_of_an_answer_that_asks_is_doubted() -> None:
    one = only("## What is a gate?\n\nIt scales what passes.\n\n### Why is it so?\n\nNobody knows.")
    assert one.doubts == ("line 5 asks something too",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello.",
        "1. Milk\n2. Bread\n3. Eggs",
        "Some prose.\n\n- a\n- b",
        "# Gates\n\nProse.\n\n## Cells\n\nMore.",
        "It began. Why?\n\nNobody knew at the time.",
        "Is this a rhetorical question?\n\nIt is.",
        "| a | b |\n|---|---|\n| 1 | 2 |",
    ],
)
def test_a_document_without_questions_gives_none(text: str) -> None:
    assert read(text) == Extraction(())
