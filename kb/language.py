"""What may be said: the overall results, the words never used, the units, cautions, and how questions are put."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Table

from kb.amounts import UNITS, AmountError, read_amount
from kb.entries import by_id, listed
from kb.fields import Fields
from kb.model import Asking, Caution, Indicator, Problem, Result, Unit
from kb.yamltree import Mapping, Tree


def results(tree: Tree | None, problems: list[Problem]) -> Iterator[Result]:
    """The overall results that may be said."""
    for fields in listed(tree, "results", problems):
        yield Result(fields.text("id", required=True), fields.text("title", required=True), fields.boolean("question"))


def units(tree: Tree | None, problems: list[Problem]) -> dict[str, Unit]:
    """The units of this vocabulary, those that every vocabulary has among them."""
    own = {unit.id: unit for fields in listed(tree, "units", problems, optional=True) if (unit := _unit(fields))}
    return {**UNITS, **own}


def _unit(fields: Fields) -> Unit | None:
    id, one = fields.text("id", required=True), fields.text("one", required=True)
    return Unit(id, one, fields.texts("also"), fields.boolean("share")) if id else None


def asking(tree: Tree | None, problems: list[Problem]) -> Asking:
    """The shape of the questions that are put; a general one where the vocabulary says none."""
    section = Fields(tree, problems).mapping("asking") if isinstance(tree, Mapping) else None
    if section is None:
        return Asking()
    fields = Fields(section, problems, what="asking")
    found = Asking(*(fields.text(key, required=True) for key in Asking._fields))
    fields.finish()
    return found


def cautions(tree: Tree | None, indicators: Table[str, Indicator], problems: list[Problem]) -> dict[str, Caution]:
    """The words that go beside figures dated after an observation of some value."""
    return by_id((_caution(fields, indicators, problems)
                  for fields in listed(tree, "cautions", problems, optional=True)), problems)


def _caution(fields: Fields, indicators: Table[str, Indicator], problems: list[Problem]) -> Caution | None:
    id, words = fields.text("id", required=True), fields.text("words", required=True)
    because = fields.text("because", required=True)
    marks = fields.references("marks", indicators, "indicator")
    tree = fields.mapping("after", required=True)
    if tree is None or not id:
        return None
    inner = Fields(tree, problems, what="caution")
    after = inner.reference("indicator", indicators, "indicator", required=True)
    level = inner.scalar("at_least", required=True)
    inner.finish()
    if not after or level is None:
        return None
    try:
        return Caution(id, words, because, marks, after, read_amount(level.text, indicators[after]), fields.place)
    except AmountError as error:
        fields.report(level.place, error.code, error.message, error.hint)
        return None
