"""The kinds of published files that can be read: which columns tell each, and what each column holds, from YAML."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from kb.dates import MONTH_NAMES
from kb.dossier import Marker
from kb.entries import by_id
from kb.fields import Fields
from kb.model import Place, Problem, Vocabulary
from kb.problems import Code, shown
from kb.yamltree import Mapping, read_tree

FOLDER = "imports"
CALENDAR = "calendar"
_ANY = 12, 31
"""In place of a day that could not be read: the problem keeps it from being used."""
_DAY = re.compile(r"(\d{1,2}) (\w+)")
MonthDay = tuple[int, int]


class Measure(NamedTuple):
    """One figure of a file: the columns (any one of them) or the word that it stands under, and what it is.

    `name`: what it is called where no indicator asks for it. `counted`: a number of people, which authorities that send
    in one return have together. `ends`: month and day on which its year ends. `decimals`: how many were published.
    `years`: what the file's dictionary calls its years. `base`: the column of the number behind a rate.
    """

    at: tuple[str, ...]
    name: str
    indicator: str
    ends: MonthDay
    source: str
    release: str
    counted: bool = False
    decimals: int | None = None
    years: str = ""
    base: str = ""


class Columns(NamedTuple):
    """The columns that say of which authority a row is: `together`: what stands between several in one cell."""

    number: str = ""
    code: str = ""
    name: str = ""
    together: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """Those that the file has."""
        return tuple(column for column in (self.number, self.code, self.name) if column)


class Levels(NamedTuple):
    """Which rows are about one authority, about all together, and about neither; `each` "" for all other rows."""

    column: str
    each: str
    whole: str
    left_out: tuple[str, ...]


class Kind(NamedTuple):
    """One kind of file. `holds`: observations, outcomes or neighbours; the other fields are as its YAML says."""

    id: str
    title: str
    holds: str
    told_by: tuple[str, ...]
    authority: Columns
    source: str = ""
    sheet: str = ""
    period: str = ""
    levels: Levels | None = None
    only: tuple[tuple[str, str], ...] = ()
    markers: tuple[tuple[str, Marker], ...] = ()
    measures: tuple[Measure, ...] = ()
    measure: str = ""
    value: str = ""
    second_hand: bool = False
    dictionary: tuple[tuple[str, str], ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    dates: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    areas: tuple[tuple[str, str], ...] = ()
    may_be_empty: tuple[str, ...] = ()
    judgements: tuple[tuple[str, str], ...] = ()
    ranks: int = 0
    words: tuple[str, ...] = ()
    place: Place = Place("")

    def get(self, key: str) -> str:
        """One of the texts that only some kinds have, by its key."""
        return dict(self.said)[key]


SAID = {"observations": (), "outcomes": ("framework",), "neighbours": ("model", "neighbour", "closeness")}
"""What a kind of file may hold, and the texts that each must say beside."""
DUE = {"observations": ("period", "measures", "markers"), "outcomes": ("dates", "areas", "judgements"),
       "neighbours": ("ranks", "words")}
"""And what else each must say."""


def read_kinds(folder: Path, vocabulary: Vocabulary) -> tuple[dict[str, Kind], tuple[Problem, ...]]:
    """The kinds of files that a knowledge base can read, by id; none where it has no such folder."""
    problems: list[Problem] = []
    found: list[Kind | None] = []
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        if path.stem == CALENDAR:
            continue
        tree, wrong, _ = read_tree(path, f"{FOLDER}/{path.name}")
        problems += wrong
        if isinstance(tree, Mapping):
            fields = Fields(tree, problems, what="file")
            found.append(_kind(fields, vocabulary))
            fields.finish()
    return by_id(found, problems), tuple(problems)


def _kind(fields: Fields, vocabulary: Vocabulary) -> Kind | None:
    said = {key: fields.text(key, required=True) for key in ("kind", "title")}
    holds = fields.choice("holds", SAID, required=True)
    for key in DUE.get(holds, ()):
        fields.tree(key, required=True)
    source = fields.reference("source", vocabulary.sources, "source")
    told = fields.texts("told_by", required=True)
    authority = _inner(fields, "authority", Columns._fields)
    period, ends = _period(fields)
    measure = _inner(fields, "measure", ("column", "value"))
    common = source, ends, fields.text("release")
    measures = tuple(_measure(fields.inner(one, "measure"), common, vocabulary)
                     for one in fields.mappings("measures"))
    found = Kind(
        said["kind"], said["title"], holds, told, Columns(**authority), source, fields.text("sheet"), period,
        _levels(fields), tuple(_only(fields)), tuple(_markers(fields)), measures, measure.get("column", ""),
        measure.get("value", ""), fields.boolean("second_hand"), tuple(_pairs(fields, "dictionary")),
        tuple((key, fields.text(key, required=True)) for key in SAID.get(holds, ())), tuple(_dates(fields)),
        tuple(_pairs(fields, "texts")), tuple(_pairs(fields, "areas")),
        fields.texts("may_be_empty"), tuple(_pairs(fields, "judgements")), fields.integer("ranks", 0),
        fields.texts("words"), fields.place_of("kind"))
    return found if found.id and holds else None


def _inner(fields: Fields, key: str, known: Collection[str]) -> dict[str, str]:
    """The texts of a group of keys."""
    tree = fields.mapping(key)
    if tree is None:
        return {}
    inner = fields.inner(tree, key)
    found = {name: inner.scalar(name) for name in known}
    inner.finish()
    return {name: scalar.text for name, scalar in found.items() if scalar is not None}


def _pairs(fields: Fields, key: str) -> Iterator[tuple[str, str]]:
    tree = fields.mapping(key)
    if tree is not None:
        inner = fields.inner(tree, key)
        yield from ((entry.key.text, inner.text(entry.key.text)) for entry in tree.entries)


def _dates(fields: Fields) -> Iterator[tuple[str, str]]:
    """The columns with days, by what each is called; one of them is that of publication."""
    found = dict(_pairs(fields, "dates"))
    if found and "date" not in found:
        fields.report(fields.place_of("dates"), Code.MISSING_KEY, "the day of publication is not among the dates",
                      "add date: and its column")
    yield from found.items()


def _period(fields: Fields) -> tuple[str, MonthDay | None]:
    tree = fields.mapping("period")
    if tree is None:
        return "", None
    inner = fields.inner(tree, "period")
    column, ends = inner.text("column", required=True), _ends(inner)
    inner.finish()
    return column, ends


def _ends(fields: Fields) -> MonthDay | None:
    """The day of the year on which a period ends, from words such as `30 September`."""
    text = fields.text("ends")
    found = _DAY.fullmatch(text)
    if found and found[2] in MONTH_NAMES[1:]:
        return MONTH_NAMES.index(found[2]), int(found[1])
    if not text:
        return None
    fields.report(fields.place_of("ends"), Code.NOT_A_DATE, f"{shown(text)} is not a day of the year",
                  "write 30 September")
    return _ANY


def _levels(fields: Fields) -> Levels | None:
    tree = fields.mapping("levels")
    if tree is None:
        return None
    inner = fields.inner(tree, "levels")
    found = Levels(inner.text("column", required=True), inner.text("each"), inner.text("whole"),
                   inner.texts("left_out"))
    inner.finish()
    return found


def _only(fields: Fields) -> Iterator[tuple[str, str]]:
    for tree in fields.mappings("only"):
        inner = fields.inner(tree, "condition")
        yield inner.text("column", required=True), inner.text("says", required=True)
        inner.finish()


def _markers(fields: Fields) -> Iterator[tuple[str, Marker]]:
    tree = fields.mapping("markers")
    if tree is not None:
        inner = fields.inner(tree, "markers")
        for entry in tree.entries:
            word = inner.choice(entry.key.text, tuple(Marker), required=True)
            if word:
                yield entry.key.text, Marker(word)


def _measure(fields: Fields, common: tuple[str, MonthDay | None, str], vocabulary: Vocabulary) -> Measure:
    source, ends, release = common
    at = fields.texts("column") or fields.texts("says", required=True)
    indicator = fields.reference("indicator", vocabulary.indicators, "indicator")
    name = fields.text("name") or indicator
    if not name and "indicator" not in fields:
        fields.report(fields.place, Code.MISSING_KEY, "a measure is of an indicator, or has a name",
                      "add indicator: ... or name: ...")
    own = _ends(fields) or ends
    if own is None:
        fields.report(fields.place, Code.MISSING_KEY, "this measure does not say on which day its year ends",
                      "add ends: 31 March")
    found = Measure(
        at, name, indicator, own or _ANY,
        fields.reference("source", vocabulary.sources, "source") or source, fields.text("release") or release,
        fields.boolean("count"), fields.integer("decimals"), fields.text("years"),
        fields.text("base"))
    fields.finish()
    return found
