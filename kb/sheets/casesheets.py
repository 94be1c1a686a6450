"""A case as sheets to fill in: a row for every indicator, or the rows of a case that is already there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kb.amounts import SCALE_WORDS
from kb.dossier import Case, Note, Observation, Outcome, Remark
from kb.model import Citation, Indicator, Reading, Source, Vocabulary
from kb.sheets.casecolumns import (
    CITING,
    GUIDANCE,
    GUIDE,
    HOW,
    IN_CSV,
    PER_CENT,
    SOURCES,
    Column,
    evidence_columns,
    sheet_columns,
)
from kb.sheets.spreadsheets import Value, number_text
from kb.writecases import own_body, own_kind, own_sources, recorded, written_span, written_value

Cells = dict[str, Value]


class Layout(NamedTuple):
    """One sheet to be written: its columns, and the rows below their headings."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


def sheets_of(vocabulary: Vocabulary, case: Case | None = None, sources: Iterable[Source] = ()) -> tuple[Layout, ...]:
    """The sheets of a workbook: those of a case, with the indicators not yet observed; or the empty template."""
    told: dict[str, Iterable[Cells]] = {
        "about": _about(case), "evidence": evidence(vocabulary, case),
        "sources": map(_source, own_sources(case, vocabulary, sources) if case else ()),
        "notes": map(_note, case.notes if case else ()), "outcomes": map(_outcome, case.outcomes if case else ()),
        "answers": map(_answer, (*case.responses, *case.disagreements) if case else ())}
    columns = sheet_columns(vocabulary)
    layouts = (Layout(title, columns[title], _rows(columns[title], told[title])) for title in columns)
    return (Layout(GUIDE, HOW, tuple(_guide(columns))), *layouts)


def table_of(vocabulary: Vocabulary, case: Case | None = None) -> tuple[tuple[Value, ...], ...]:
    """The evidence alone as one table with its headings, each row with what is known of its source."""
    columns = (*evidence_columns(vocabulary), *IN_CSV)
    own = {source.id: source for source in own_sources(case, vocabulary)} if case else {}
    rows = evidence(vocabulary, case)
    told = [{**cells, **_described(cells, own)} for cells in rows]
    return (tuple(column.name for column in columns), *_rows(columns, told))


def evidence(vocabulary: Vocabulary, case: Case | None = None) -> list[Cells]:
    """The observations of a case, then a row for each indicator that has none, cell by cell."""
    observations = case.observations if case else ()
    seen = {observation.indicator for observation in observations}
    filled = ({**guidance(vocabulary.indicators[o.indicator], vocabulary), **cells_of(o, vocabulary)}
              for o in observations)
    return [*filled, *(guidance(found, vocabulary) for found in in_order(vocabulary) if found.id not in seen)]


def cells_of(o: Observation, vocabulary: Vocabulary) -> Cells:
    """One observation, cell by cell."""
    indicator = vocabulary.indicators[o.indicator]
    key, words = written_span(o.about)
    dated: Cells = ({"about": words} if key == "about"
                    else {"about": str(o.about.start), "until": str(o.about.end), "period": key})
    against = o.disagreement
    return {
        "indicator": o.indicator, **dated, "known": str(o.known), "marker": o.marker or "",
        "value": _cell(written_value(o, indicator), indicator), "kind": own_kind(o, indicator), "body": own_body(o),
        "note": o.note,
        "base": "" if o.base is None else o.base, "hindsight": o.hindsight or "", **_cited(o.citation), **dict(o.of),
        **({"disagreement": against.text, "disagreement known": str(against.known),
            **_cited(against.citation, "disagreement ")} if against else {})}


def _cell(value: Value, indicator: Indicator) -> Value:
    """A share below 1 with its sign, since without it one could take it for a fraction."""
    below = not isinstance(value, str) and 0 < value < 1 and PER_CENT in indicator.unit.also
    return f"{number_text(float(value))}{PER_CENT}" if below else value


def in_order(vocabulary: Vocabulary) -> list[Indicator]:
    """The indicators by the signature they are signs of, in its order; then those for context; protective ones last."""
    orders = {signature.id: signature.order for signature in vocabulary.signatures.values()}
    last = len(vocabulary.signatures) + 1

    def place(found: Indicator) -> tuple[bool, int]:
        return found.id in vocabulary.protective, last if found.context else orders.get(found.signature, last)

    return sorted(vocabulary.indicators.values(), key=place)


def guidance(found: Indicator, vocabulary: Vocabulary) -> Cells:
    """What the template says of an indicator before anything is filled in."""
    signature = vocabulary.signatures.get(found.signature)
    sign = f"{signature.id} {signature.label}" if signature else ""
    group = "protective sign" if found.id in vocabulary.protective else sign or "context"
    return {
        "indicator": found.id, "what it is": f"{found.title}. {found.note}" if found.note else found.title,
        "sign": f"context: {sign}" if found.context and sign else group, "unit": str(found.unit),
        "how to write the value": how_to_write(found), "counts for": f"{found.validity} months",
        "published in": recorded(found.collection)}


def how_to_write(found: Indicator) -> str:
    """What to write as the value of an indicator."""
    if found.reading is Reading.OCCURRENCES:
        return "a row for each time, with no value; none, with throughout, for a period without one"
    if found.unit.id == "scale":
        return ", ".join(f"{number:g} {word}" for word, number in SCALE_WORDS.items())
    words = {"yes/no": "yes or no", "grade": f"one of: {', '.join(found.values)}", "ratio": "a number, such as 1.2",
             "per cent": "a number of per cent: 7.5 or 7.5%"}
    return words.get(found.unit.id, f"a number of {found.unit}")


def _rows(columns: Iterable[Column], told: Iterable[Cells]) -> tuple[tuple[Value, ...], ...]:
    names = [column.name for column in columns]
    return tuple(tuple(cells.get(name, "") for name in names) for cells in told)


def _about(case: Case | None) -> list[Cells]:
    said = (
        ("case", case.id if case else "", "a short name for files: letters, figures and hyphens"),
        ("title", case.title if case else "", "as it is to stand at the top of every answer"),
        ("authority code", case.authority_code if case else "", "the nine characters of the official list"),
        ("authority name", case.authority if case else "", ""),
        ("invented", "yes" if case and case.invented else "", "yes for an authority made up for training; else empty"),
        ("summary", case.summary if case else "", "a few sentences, with no name of a person"))
    return [{"what": what, "write here": text, "how": how} for what, text, how in said]


def _source(source: Source) -> Cells:
    return {column.name: recorded(getattr(source, column.name)) for column in SOURCES}


def _described(cells: Cells, own: dict[str, Source]) -> Cells:
    """What a row of a CSV says of the sources that it names."""
    named = ((citing, own.get(str(cells.get(citing, "")))) for citing in CITING)
    return {f"{citing} {key}": text for citing, source in named if source
            for key, text in _source(source).items() if key != "id"}


def _note(note: Note) -> Cells:
    return {"text": note.text, "when": note.when, "known": str(note.known), **_cited(note.citation),
            "hindsight": note.hindsight or ""}


def _outcome(outcome: Outcome) -> Cells:
    return {"visited": str(outcome.visited or ""), "published": str(outcome.published), "words": outcome.words,
            "adverse": "yes" if outcome.adverse else "no", **_cited(outcome.citation)}


def _answer(remark: Remark) -> Cells:
    return {"to": remark.conclusion, "text": remark.text, "known": str(remark.known), **_cited(remark.citation)}


def _cited(citation: Citation | None, prefix: str = "") -> Cells:
    if citation is None:
        return {}
    return {f"{prefix}source": citation.source.id, f"{prefix}page": recorded(citation.page),
            f"{prefix}passage": citation.passage}


def _guide(columns: dict[str, tuple[Column, ...]]) -> Iterator[tuple[Value, ...]]:
    """What every sheet is for, and then every column to fill in."""
    for title, said in GUIDANCE:
        yield title, "", said
    for title, found in columns.items():
        for column in found:
            if not column.shown and column.says:
                choice = f". One of: {', '.join(column.choices)}" if column.choices else ""
                yield title, column.name, f"{column.says}{choice}{'' if column.due else ' (may be empty)'}"
