"""How figures are spread over all authorities, worked out anew: what differs from what is shipped, and as YAML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from explain.imported import told_as_text
from kb.dates import long_date
from kb.importing.spread import Spread, differences, rounded, shipped_of
from kb.model import Vocabulary


def differing(found: Sequence[Spread], vocabulary: Vocabulary, name: str) -> tuple[str, bool]:
    """What is otherwise in a table than shipped, in words, and whether anything is."""
    lines = [line for spread in found for line in _differing(spread, vocabulary)]
    new = [spread for spread in found if shipped_of(spread, vocabulary) is None]
    worked_out = {(spread.indicator, spread.day) for spread in found}
    gone = sorted(year for year in vocabulary.years.values() if (year.indicator, year.day) not in worked_out)
    head = f"{name}: {len(found)} yearly spreads worked out, {len(found) - len(new)} of which are shipped too"
    told = [head, "", *(lines or ["No figure differs from the one shipped."])]
    if new:
        told += ["", "Not shipped:", *(f"  {_named(one, vocabulary)}: {_figures(one)}" for one in new)]
    if gone:
        told += ["", "Shipped, and not in the table:",
                 *(f"  {vocabulary.indicators[one.indicator].short}, {long_date(one.day)}" for one in gone)]
    return told_as_text(told), bool(lines)


def _differing(spread: Spread, vocabulary: Vocabulary) -> Iterator[str]:
    for one in differences(spread, vocabulary):
        yield (f"{_named(spread, vocabulary)}: {one.name} {one.found:g} from the table, {one.shipped:g} shipped "
               f"({spread.authorities} authorities)")
    shipped = shipped_of(spread, vocabulary)
    if shipped is not None and shipped.known != spread.known:
        yield (f"{_named(spread, vocabulary)}: public on {long_date(spread.known)} by the table, on "
               f"{long_date(shipped.known)} as shipped")


def _named(spread: Spread, vocabulary: Vocabulary) -> str:
    return f"{vocabulary.indicators[spread.indicator].short}, {long_date(spread.day)}"


def _figures(spread: Spread) -> str:
    return ", ".join([*(f"{name} {rounded(figure):g}" for name, figure in spread.figures),
                      f"authorities {spread.authorities}"])


def as_yaml(found: Sequence[Spread]) -> str:
    """The spreads as the list `years` of the file of thresholds, ready to take its place."""
    lines = ["years:"]
    for _, together in groupby(sorted(found, key=_together), key=_together):
        some = list(together)
        lines += [f"  - year: {some[0].day.year}", f"    day: {some[0].day}", f"    known: {some[0].known}",
                  f"    source: {some[0].source}", "    figures:"]
        lines += [f"      {one.indicator}: {{{', '.join(_pairs(one))}}}" for one in some]
    return "\n".join(lines) + "\n"


def _together(spread: Spread) -> tuple[object, ...]:
    return spread.day, spread.known, spread.source


def _pairs(spread: Spread) -> Iterator[str]:
    yield from (f"{name}: {rounded(figure):.1f}" for name, figure in spread.figures)
    yield f"authorities: {spread.authorities}"
