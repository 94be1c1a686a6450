"""Tests from YAML: one indicator, one comparison, and the signs of a signature that are made of them."""

from __future__ import annotations

from kb.amounts import POINTS, AmountError, read_amount
from kb.conditions import SPREAD, Comparator, Test, TestIs
from kb.fields import Fields
from kb.knowledge import Sign
from kb.model import Indicator, Place, Reading
from kb.problems import Code, did_you_mean
from kb.scope import BASES, Scope
from kb.yamltree import Mapping, Scalar, Tree

COMPARATORS = {
    "at_least": Comparator.AT_LEAST, "above": Comparator.ABOVE, "at_most": Comparator.AT_MOST,
    "below": Comparator.BELOW, "is": Comparator.AT_LEAST, "rises_by": Comparator.AT_LEAST,
}


def read_indicator(fields: Fields, tree: Mapping, scope: Scope) -> TestIs | None:
    """The test that a condition states of the indicator it names, or None where it has problems."""
    id = fields.reference("indicator", scope.vocabulary.indicators, "indicator")
    if not id:
        for key in (*COMPARATORS, "in", "over", "basis", "where"):
            fields.tree(key)
        return None
    return read_test(fields, scope.vocabulary.indicators[id], tree.place, scope)


def read_test(fields: Fields, indicator: Indicator, place: Place, scope: Scope) -> TestIs | None:
    """The test that a mapping states of an indicator: comparator, threshold, window, basis."""
    window, over, of = fields.months("in"), fields.months("over"), _of(fields, indicator, scope)
    said_basis = fields.choice("basis", BASES)
    said = [word for word in COMPARATORS if word in fields]
    if not said and fields.repaired:
        return None
    if len(said) != 1:
        message = f"the test of {indicator.id} needs one comparison" + (f", not {len(said)}" if said else "")
        scope.say(place, Code.MISSING_KEY, message, f"write one of {', '.join(COMPARATORS)}")
        for word in said:
            fields.tree(word)
        return None
    if not _fits(fields, said[0], indicator, scope):
        return None
    scalar = fields.scalar(said[0])
    threshold = None if scalar is None else _threshold(scalar, said[0], indicator, scope)
    if threshold is None:
        return None
    if window is None and indicator.reading is Reading.OCCURRENCES:
        window = indicator.validity
    basis = said_basis or ("derived from statistics" if isinstance(threshold, str) else scope.basis)
    comparator = Comparator.AT_MOST if said[0] == "is" and threshold == 0.0 else COMPARATORS[said[0]]
    return TestIs(Test(indicator.id, comparator, threshold, window, over, of), basis, place)


def _of(fields: Fields, indicator: Indicator, scope: Scope) -> tuple[tuple[str, str], ...]:
    """What `where:` asks the value to be of; the first qualifier of an indicator must be said."""
    tree, named = fields.mapping("where"), dict(indicator.qualifiers)
    if tree is None:
        for name in list(named)[:1]:
            scope.say(fields.place, Code.MISSING_KEY, f"{indicator.id} is asked for without its {name}",
                      f"write where: {{{name}: {named[name][0]}}}")
        return ()
    inner = fields.inner(tree, "where")
    found = tuple((name, inner.choice(name, words)) for name, words in named.items() if name in inner)
    inner.finish()
    return found


def _fits(fields: Fields, word: str, indicator: Indicator, scope: Scope) -> bool:
    """Whether a comparison, with its period, can be asked of this sort of indicator."""
    counted, yes_no = indicator.reading is Reading.OCCURRENCES, indicator.unit.id == "yes/no"
    rules = (
        (counted and word != "at_least", word, "a count of events", "write at_least: with a number of times"),
        (yes_no != (word == "is"), word, f"an indicator in {indicator.unit}", "`is:` goes with yes or no, and only it"),
        ("in" in fields and not counted, "in", "anything but a count of events", "take it out, or write within:"),
        (("over" in fields) != (word == "rises_by"), "over" if "over" in fields else word,
         "this without its companion", "rises_by: and over: go together"),
    )
    for wrong, key, what, hint in rules:
        if wrong:
            fields.tree(word)
            scope.say(fields.place_of(key), Code.NOT_ALLOWED, f"{key} cannot be asked of {what}", hint)
            return False
    return True


def _threshold(scalar: Scalar, word: str, indicator: Indicator, scope: Scope) -> float | str | None:
    if scalar.text in SPREAD:
        if any(key[0] == indicator.id for key in scope.vocabulary.years):
            return scalar.text
        scope.say(scalar.place, Code.UNKNOWN_ID, f"no yearly figures to compare with are held for {indicator.id}",
                  "write a number")
        return None
    try:
        return read_amount(scalar.text, indicator, POINTS if word == "rises_by" else None)
    except AmountError as error:
        near = did_you_mean(scalar.text, SPREAD)
        scope.say(scalar.place, error.code, error.message, near or error.hint)
        return None


def read_sign(tree: Tree, scope: Scope) -> Sign | None:
    """One sign of a signature file: a test of an indicator, and its strong value where it has one."""
    if not isinstance(tree, Mapping):
        scope.say(tree.place, Code.WRONG_SHAPE, "a sign is due here, such as `{indicator: ..., at_least: ...}`")
        return None
    fields = Fields(tree, scope.problems, repaired=scope.repaired, what="sign")
    strong_tree = fields.mapping("strong")
    fields.tree("indicator", required=True)
    found = read_indicator(fields, tree, scope) if "indicator" in fields else None
    fields.finish()
    if not isinstance(found, TestIs):
        return None
    strong = None
    if strong_tree is not None:
        inner = fields.inner(strong_tree, "strong value")
        strong = read_test(inner, scope.vocabulary.indicators[found.test.indicator], strong_tree.place,
                           scope._replace(basis=found.basis))
        inner.finish()
        if strong is not None and strong.test.window is not None and "in" not in inner:
            strong = strong._replace(test=strong.test._replace(window=found.test.window))
    return Sign(found, strong)
