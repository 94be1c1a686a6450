"""A case written as a case file: in a fixed order, with quotes only where they are needed and long texts folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.amounts import WORDLESS, words_of
from kb.dates import Precision, Span, read_span
from kb.dossier import Case, Note, Observation, Outcome, Remark
from kb.folding import entry, scalar
from kb.model import NOT_RECORDED, NOWHERE, Citation, Indicator, Reading, Source, Vocabulary
from kb.sheets.spreadsheets import Value, number_text
from kb.sources import who_says

_FLOW = ",[]{}:"
Pairs = Iterable[tuple[str, str]]


def case_text(case: Case, vocabulary: Vocabulary, sources: Iterable[Source] = ()) -> str:
    """The text of a case file that reads as this case; `sources` are described in it whether cited or not."""
    lines = [*entry("case", case.id), *entry("title", case.title), *(["invented: true"] if case.invented else []),
             f"authority: {{code: {scalar(case.authority_code, _FLOW)}, name: {scalar(case.authority, _FLOW)}}}",
             *(entry("summary", case.summary) if case.summary else [])]
    lists: tuple[tuple[str, Iterable[list[str]]], ...] = (
        ("outcomes", (_item(_outcome(outcome)) for outcome in case.outcomes)),
        ("responses", (_item(_remark(remark)) for remark in case.responses)),
        ("disagreements", (_item(_remark(remark)) for remark in case.disagreements)),
        ("sources", (_item(_source(source)) for source in own_sources(case, vocabulary, sources))),
        ("observations", (_observation(o, vocabulary.indicators[o.indicator]) for o in case.observations)),
        ("notes", (_item(_note(note)) for note in case.notes)))
    for key, items in lists:
        told = [line for item in items for line in item]
        lines += [f"{key}:", *told] if told else []
    return "".join(f"{line}\n" for line in lines)


def own_sources(case: Case, vocabulary: Vocabulary, sources: Iterable[Source] = ()) -> tuple[Source, ...]:
    """The sources that the case describes itself: those given, and those cited that the vocabulary has otherwise."""
    found = {source.id: source for source in sources}
    for source in (citation.source for citation in cited(case)):
        known = vocabulary.sources.get(source.id)
        if known is None or known._replace(place=NOWHERE) != source._replace(place=NOWHERE):
            found.setdefault(source.id, source)
    return tuple(found.values())


def cited(case: Case) -> Iterator[Citation]:
    """Every citation of a case."""
    yield from (observation.citation for observation in case.observations)
    yield from (note.citation for note in case.notes)
    yield from (outcome.citation for outcome in case.outcomes)
    against = (observation.disagreement for observation in case.observations)
    for answer in (*case.responses, *case.disagreements, *against):
        if answer is not None and answer.citation is not None:
            yield answer.citation


def written_value(observation: Observation, indicator: Indicator) -> Value:
    """The value as a word or a number, without its unit; "" where nothing is to be written."""
    value = observation.value
    if value is None:
        return ""
    for word, number in words_of(indicator).items():
        if number == value:
            return word
    if indicator.reading is Reading.OCCURRENCES and value == 1:
        return ""
    if indicator.reading is Reading.OCCURRENCES and not value and observation.about.precision is Precision.THROUGHOUT:
        return "none"
    return value


def written_span(span: Span) -> tuple[str, str]:
    """The key and the words of a span; a loose month or year is written as such."""
    days = f"{span.start} to {span.end}"
    for words in (str(span.start), str(span.start)[:7], str(span.start)[:4]):
        if read_span(words) == span:
            return "about", words
    return span.precision.value, str(span.start) if read_span(f"{span.precision.value} {span.start}") == span else days


def own_body(observation: Observation) -> str:
    """Who found it, where that is not the publisher of its source."""
    return "" if observation.body == who_says(observation.citation.source) else observation.body


def own_kind(observation: Observation, indicator: Indicator) -> str:
    """The kind of evidence, where it is not the indicator's own."""
    return "" if observation.kind is indicator.kind else observation.kind.value


def recorded(text: str) -> str:
    """The text, where anything is recorded."""
    return "" if text == NOT_RECORDED else text


def _observation(o: Observation, indicator: Indicator) -> list[str]:
    value = written_value(o, indicator)
    said = [("indicator", o.indicator), *o.of, ("value", _amount(value, indicator)), ("marker", o.marker or ""),
            written_span(o.about), ("known", str(o.known)), ("kind", own_kind(o, indicator)), ("body", own_body(o)),
            ("base", number_text(o.base) if o.base is not None else ""), *_cited(o.citation),
            ("hindsight", o.hindsight or ""), ("note", o.note)]
    lines = _item(said)
    if o.disagreement is not None:
        lines += ["    disagreement:", *_group(_remark(o.disagreement), "      ")]
    return lines


def _amount(value: Value, indicator: Indicator) -> str:
    if isinstance(value, str):
        return value
    unit = indicator.unit
    if unit.id in WORDLESS:
        return number_text(value)
    return f"{number_text(value)} {unit.one if unit.one and value == 1 else unit}"


def _note(note: Note) -> Pairs:
    return (("text", note.text), ("when", note.when), ("known", str(note.known)), *_cited(note.citation),
            ("hindsight", note.hindsight or ""))


def _outcome(outcome: Outcome) -> Pairs:
    return (("visited", str(outcome.visited or "")), ("published", str(outcome.published)), ("words", outcome.words),
            *_cited(outcome.citation), ("adverse", "true" if outcome.adverse else "false"))


def _remark(remark: Remark) -> Pairs:
    return (("conclusion", remark.conclusion), ("text", remark.text), ("known", str(remark.known)),
            *(_cited(remark.citation) if remark.citation else ()))


def _source(source: Source) -> Pairs:
    return [(key, recorded(getattr(source, key))) for key in ("id", "title", "publisher", "published", "url")]


def _cited(citation: Citation) -> Pairs:
    return ("source", citation.source.id), ("page", recorded(citation.page)), ("passage", citation.passage)


def _item(said: Pairs) -> list[str]:
    """An item of a list: the first key after a dash, the others below it."""
    first, *others = _group(said, "    ")
    return [f"  - {first.lstrip(' ')}", *others]


def _group(said: Pairs, indent: str) -> list[str]:
    return [line for key, text in said if text for line in entry(key, text, indent)]
