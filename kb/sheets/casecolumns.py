"""The sheets and columns of a case kept in a spreadsheet: their names, and what to write in them."""

from __future__ import annotations

from typing import NamedTuple

from kb.dates import Precision
from kb.dossier import Hindsight, Marker
from kb.model import Kind, Vocabulary
from kb.tables import MARKERS

GUIDE = "how to fill this in"
PERIODS = (Precision.THROUGHOUT.value, Precision.SOMETIME.value)
YES_NO = ("yes", "no")
PER_CENT = "%"
LETTERS = tuple(letter for letter in MARKERS if letter and letter not in tuple(Marker))


class Column(NamedTuple):
    """One column: its heading, and what to write in it. `shown`: for reading only, and not read back."""

    name: str
    says: str
    width: int = 14
    date: bool = False
    choices: tuple[str, ...] = ()
    due: bool = False
    shown: bool = False


CITED = (
    Column("source", "the id of a document: of the sheet of sources, or one that the knowledge base has", 20, due=True),
    Column("page", "the page or table of it", 12),
    Column("passage", "its own words, where they matter", 30),
)
HINDSIGHT = Column("hindsight", "only for a case whose end is known: how this stands to it", 16,
                   choices=tuple(Hindsight))
SOURCES = (
    Column("id", "a short name of your own, to be used in the columns named source", 24, due=True),
    Column("title", "what the document is called", 60), Column("publisher", "who published it", 40),
    Column("published", "when", 14, date=True), Column("url", "where it is on the web", 50))
NOTES = (
    Column("text", "a fact that fits no row of the evidence: shown, and counted nowhere", 70, due=True),
    Column("when", "when it happened", 16, date=True, due=True),
    Column("known", "the day it became public", 12, date=True, due=True), *CITED, HINDSIGHT)
OUTCOMES = (
    Column("visited", "the first day of the visit, if published", 12, date=True),
    Column("published", "the day the judgement was published", 12, date=True, due=True),
    Column("words", "what was judged, quoted", 70, due=True),
    Column("adverse", "whether it bore out concern", 10, choices=YES_NO, due=True), *CITED)
_ANSWERED = (Column("known", "the day that the answer was given", 12, date=True, due=True),
             CITED[0]._replace(due=False), *CITED[1:])
ANSWERS = (
    Column("to", "empty for an answer to the case as a whole; else the id of the conclusion answered", 28),
    Column("text", "what the authority says", 70, due=True), *_ANSWERED)
FACTS = (
    Column("what", "", 18, due=True), Column("write here", "", 70, due=True), Column("how", "", 70, shown=True))
CITING = ("source", "disagreement source")
"""The columns of the evidence that name a source."""
IN_CSV = tuple(column._replace(name=f"{citing} {column.name}") for citing in CITING for column in SOURCES[1:])
"""A CSV has no sheet of sources, so its rows may describe them."""


def evidence_columns(vocabulary: Vocabulary) -> tuple[Column, ...]:
    """The columns of the evidence; what a value may be of is the vocabulary's own."""
    of: dict[str, tuple[str, ...]] = {}
    for name, words in (said for indicator in vocabulary.indicators.values() for said in indicator.qualifiers):
        of[name] = tuple(dict.fromkeys((*of.get(name, ()), *words)))
    return (
        Column("indicator", "what was observed: one id of the list; several rows may have the same", 30, due=True),
        Column("what it is", "", 56, shown=True), Column("sign", "", 26, shown=True),
        Column("unit", "", 10, shown=True), Column("how to write the value", "", 30, shown=True),
        Column("counts for", "", 12, shown=True), Column("published in", "", 24, shown=True),
        Column("about", "the day it is about, or the first day of a period; a month (2018-10) or a year (2018) where "
               "no more is known", 12, date=True, due=True),
        Column("until", "the last day, where it is about a period", 12, date=True),
        Column("period", "with a period: throughout (all of it) or sometime in (one day of it, not known which)", 14,
               choices=PERIODS),
        Column("known", "the day it became public, which is never before what it is about", 12, date=True, due=True),
        Column("value", "as the column of that name says; empty where a marker stands", 12),
        Column("marker", "why there is no value: a word, or a published letter "
               "(c suppressed, x unavailable, z not applicable, u unreliable, low or k low)", 14,
               choices=(*Marker, *LETTERS)),
        Column("kind", "only where it is of another kind than usual", 12, choices=tuple(Kind)),
        Column("body", "who found it, where it is not the publisher of the source", 20),
        *CITED[:2], Column("note", "in your own words, what is uncertain", 50), CITED[2],
        Column("base", "the number that a rate is a share of, where it is known", 10),
        *(Column(name, "what the value is of; only where the indicator asks for it", 16, choices=words)
          for name, words in of.items()),
        HINDSIGHT,
        Column("disagreement", "what the authority says against this row", 30),
        *(column._replace(name=f"disagreement {column.name}", due=False) for column in _ANSWERED))


def sheet_columns(vocabulary: Vocabulary) -> dict[str, tuple[Column, ...]]:
    """The sheets of a workbook in order, each with its columns."""
    return {"about": FACTS, "evidence": evidence_columns(vocabulary), "sources": SOURCES, "notes": NOTES,
            "outcomes": OUTCOMES, "answers": ANSWERS}


HOW = (Column("part", "", 16, shown=True), Column("column", "", 22, shown=True),
       Column("what to write", "", 110, shown=True))
GUIDANCE = (
    ("1", "Say on the sheet about which case it is."),
    ("2", "On the sheet evidence, fill in the rows that you have evidence for. Grey cells are for reading. A row that "
          "is left as it is says nothing, and is not read."),
    ("3", "One row is one observation. For a second one of the same indicator, write its id in a free row below."),
    ("4", "List each document on the sheet sources with an id of your own, and write that id in the columns source."),
    ("5", "Save the workbook as .xlsx. sigrisk case check FILE says what is wrong in it, by row and column; "
          "sigrisk case from FILE -o CASE.yaml then makes the case file."),
    ("dates", "Write 2018-10-17, or 17/10/2018 with the day first and the year in four figures. Write 2018-10 or 2018 "
              "where only the month or the year is known, and about and until with a word in period where it lasted."),
    ("known", "A fact counts from the day it became public: a visit is not known before its letter is published."),
    ("values", "Write a share as 29.4 or 29.4%, and one below 1 with its sign: 0.4%. Where a published table has a "
               "letter in place of a number, write the letter as the marker: it is never read as 0."),
    ("people", "Write roles, never names, and nothing about one person."),
    ("the sheet", "Merged cells, hidden rows, comments, further columns and further sheets are not read: each is "
                  "reported, and nothing is written until it is gone."),
)
"""What stands first in a workbook: for what, and the guidance."""
