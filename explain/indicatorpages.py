"""All that is known of one indicator or protective sign: what it is, who publishes it, its figures, who asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from explain import words
from explain.names import Names
from explain.rulepages import Document, documents
from explain.sentences import Sentence, sentence
from kb.conditions import Condition, ProtectiveIs, Rule, TestIs, walk
from kb.dates import long_date
from kb.model import Indicator, Place, Protective, Reading


class Yearly(NamedTuple):
    """The spread of one year: each figure by its name, in the indicator's unit, its day, when it was public."""

    year: int
    figures: tuple[tuple[str, str], ...]
    day: str
    known: str
    source: str


class Asker(NamedTuple):
    """A signature or rule that asks for a test, and whether that stops it."""

    kind: str
    id: str
    title: str
    stopped: bool


class Asking(NamedTuple):
    """One test in words, and who asks it."""

    sentence: Sentence
    by: tuple[Asker, ...]


class IndicatorPage(NamedTuple):
    """What there is to say of one indicator, or of one protective sign."""

    id: str
    title: str
    short: str
    sort: str
    facts: tuple[tuple[str, str], ...] = ()
    signature: str = ""
    context: str = ""
    note: str = ""
    sources: tuple[Document, ...] = ()
    years: tuple[Yearly, ...] = ()
    asked: tuple[Asking, ...] = ()
    place: Place | None = None


READ = {
    Reading.LATEST: "the latest value in date decides",
    Reading.OCCURRENCES: "every occurrence in the period is counted",
    Reading.BY_BODY: "the latest finding of each body stands beside those of the others",
}


Asked = Mapping[tuple[str, str], tuple[Asking, ...]]
"""The tests of each indicator ("indicator") and protective sign ("protective"), by kind and id."""


def asked_of(names: Names) -> Asked:
    """Every test that signatures and rules ask, once in its words, with all who ask it."""
    found: dict[Sentence, dict[Asker, None]] = {}
    for rule in names.kb.rules_in_order:
        graded = rule.head.kind == "signature"
        whose = ("signature", rule.head.id, names.title(*rule.head[:2])) if graded else ("rule", rule.id, rule.title)
        for condition, stops in _spoken(rule):
            found.setdefault(sentence(condition, names), {})[Asker(*whose, stops and not graded)] = None
    asked: dict[tuple[str, str], tuple[Asking, ...]] = {}
    for told, by in found.items():
        asked[told.about] = (*asked.get(told.about, ()), Asking(told, tuple(by)))
    return asked


def of_indicator(indicator: Indicator, names: Names, asked: Asked) -> IndicatorPage:
    """The page of an indicator."""
    return IndicatorPage(
        indicator.id, indicator.title, indicator.short, "indicator", tuple(_facts(indicator)), indicator.signature,
        indicator.context, indicator.note, documents(indicator.citations), tuple(_years(indicator, names)),
        asked.get(("indicator", indicator.id), ()), indicator.place)


def of_protective(sign: Protective, names: Names, asked: Asked) -> IndicatorPage:
    """The page of a protective sign; one that is shown by a test of another indicator has that test and no facts."""
    own = names.kb.vocabulary.indicators.get(sign.id)
    page = of_indicator(own, names, {}) if own is not None else IndicatorPage(sign.id, sign.title, sign.short, "")
    return page._replace(sort="protective", title=sign.title, short=sign.short, sources=documents(sign.citations),
                         asked=asked.get(("protective", sign.id), ()), place=sign.place)


def _facts(indicator: Indicator) -> Iterator[tuple[str, str]]:
    unit = indicator.unit.id
    yield "Kind of evidence", indicator.kind.value
    yield "Unit", {"scale": f"a scale of 0 to 3: {'; '.join(words.SCALE)}"}.get(unit, unit)
    if indicator.values:
        yield "Values, mildest first", "; ".join(indicator.values)
    for name, values in indicator.qualifiers:
        yield f"Told for each {name}", "; ".join(values)
    yield "Counts for", f"{words.count_of(indicator.validity, 'month')} from the date it is about"
    yield "How it is read", READ[indicator.reading]
    yield "Who publishes it, and when", indicator.collection
    if indicator.small_base:
        yield "Small base", f"under {indicator.small_base:g}, two years must agree"


def _years(indicator: Indicator, names: Names) -> Iterator[Yearly]:
    vocabulary = names.kb.vocabulary
    for (id, year), spread in sorted(vocabulary.years.items()):
        if id == indicator.id:
            figures = tuple((name, words.amount(value, indicator)) for name, value in spread.figures)
            source = vocabulary.sources.get(spread.source)
            yield Yearly(year, figures, long_date(spread.day), long_date(spread.known),
                         words.named(source) if source is not None else "")


def _spoken(rule: Rule) -> Iterator[tuple[Condition, bool]]:
    """The tests and protective signs that a rule names, each with whether it stops the rule."""
    for outer, stops in ((rule.when, False), *((exception, True) for exception in rule.unless)):
        for inner in walk(outer):
            if isinstance(inner, TestIs | ProtectiveIs):
                yield inner, stops
