"""A bank as Moodle XML: one category, and one essay a question.

The elements are those that Moodle's own exporter writes for an essay. The question is `plain_text`, which Moodle shows
as it stands; `graderinfo` has references and rubric; `idnumber` is the id, `defaultgrade` the points.
"""

from __future__ import annotations

from html import escape

from lxml import etree

from grader.bank.exchange.categories import category_path
from grader.bank.exchange.characters import carried, check_carried, shortened, shown
from grader.bank.exchange.graderinfo import write_graderinfo
from grader.bank.exchange.rubric import bank_line
from grader.bank.question import Bank, Question

_LONGEST_NAME = 120  # code points; Moodle has room for 255
_LONGEST_TAG = 50  # code points: Moodle cuts longer ones
_FIXED = {  # an answer is plain text of any length, without files
    "responseformat": "plain",
    "responserequired": "1",
    "responsefieldlines": "15",
    "minwordlimit": "",
    "maxwordlimit": "",
    "attachments": "0",
    "attachmentsrequired": "0",
    "maxbytes": "0",
    "filetypeslist": "",
}


def write_moodle_xml(bank: Bank) -> str:
    """The bank as an XML document.

    Raises:
        BankError: a question or reference holds a character that XML cannot carry.
    """
    check_carried(bank)
    quiz = etree.Element("quiz")
    _category(quiz, bank)
    for question in bank.questions:
        _essay(quiz, question)
    etree.indent(quiz)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{etree.tostring(quiz, encoding="unicode")}\n'


def number(value: float) -> str:
    """A number in the fewest digits that read back as the same."""
    return repr(value).removesuffix(".0")


def _category(quiz: etree._Element, bank: Bank) -> None:
    category = etree.SubElement(quiz, "question", type="category")
    _text(etree.SubElement(category, "category"), category_path(bank.title))
    told = f"<p>{escape(shown(bank.title), quote=False)}</p>\n<!-- {bank_line(bank)} -->"
    _text(etree.SubElement(category, "info", format="html"), etree.CDATA(told))
    etree.SubElement(category, "idnumber").text = bank.bank


def _essay(quiz: etree._Element, question: Question) -> None:
    essay = etree.SubElement(quiz, "question", type="essay")
    _text(etree.SubElement(essay, "name"), shortened(f"{question.id} {question.question}", _LONGEST_NAME))
    _text(etree.SubElement(essay, "questiontext", format="plain_text"), carried(question.question))
    _text(etree.SubElement(essay, "generalfeedback", format="html"), "")
    etree.SubElement(essay, "defaultgrade").text = number(question.max_points)
    etree.SubElement(essay, "penalty").text = "0"
    etree.SubElement(essay, "hidden").text = "0"
    etree.SubElement(essay, "idnumber").text = question.id
    for name, value in _FIXED.items():
        etree.SubElement(essay, name).text = value
    _text(etree.SubElement(essay, "graderinfo", format="html"), etree.CDATA(write_graderinfo(question)))
    _text(etree.SubElement(essay, "responsetemplate", format="html"), "")
    if question.topic and len(question.topic) <= _LONGEST_TAG:
        _text(etree.SubElement(etree.SubElement(essay, "tags"), "tag"), shown(question.topic))


def _text(parent: etree._Element, text: str | etree.CDATA) -> None:
    """A text, escaped where it must be; our HTML goes as CDATA, whose end it cannot hold, as it escapes `>`."""
    etree.SubElement(parent, "text").text = text
