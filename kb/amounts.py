"""Amounts as people write them: a number with its unit's word, or a point on a scale of words."""

from __future__ import annotations

from collections.abc import Mapping

from kb.model import Indicator, Unit
from kb.problems import Code, did_you_mean, shown

UNITS = {unit.id: unit for unit in (
    Unit("per cent", also=("percent", "%"), share=True),
    Unit("points", "point", ("percentage points",), share=True),
    Unit("months", "month"), Unit("times", "time"), Unit("ratio"), Unit("scale"), Unit("grade"), Unit("yes/no"),
)}
"""The units that every vocabulary has; it declares its own beside them."""
POINTS = UNITS["points"]
ANSWERS: Mapping[str, float] = {"yes": 1.0, "no": 0.0}
SCALE_WORDS: Mapping[str, float] = {
    "strength": 0.0, "minor weakness": 1.0, "clear weakness": 2.0, "serious weakness": 3.0}
WORDLESS = ("scale", "ratio")
LONGEST = 40
"""The most characters of a number: as many as a rate that was worked out is ever written with, and some more."""
FINE = ("per cent", "points", "ratio")
"""Units that are told to one decimal place where an indicator names no rounding of its own."""


class AmountError(ValueError):
    """Why an amount cannot be taken: a problem's code, message and hint."""

    def __init__(self, code: Code, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def read_amount(text: str, indicator: Indicator, unit: Unit | None = None) -> float:
    """The number that `30`, `30 per cent` or `30%` stands for, in the indicator's unit. Raises AmountError.

    `yes` is 1 and `no` is 0; a word of a graded scale is its place in it, counted from 0.
    """
    wanted = unit or indicator.unit
    if words := words_of(indicator, wanted):
        return _word(text, words, "is neither yes nor no" if words is ANSWERS else f"is not one of {', '.join(words)}")
    if wanted.id == "scale" and text.strip() in SCALE_WORDS:
        return SCALE_WORDS[text.strip()]
    number, said = _split(text)
    if number is None:
        raise AmountError(Code.NOT_A_NUMBER, f"{shown(text)} is not a number of {wanted}",
                          f"write for example {_example(wanted)}")
    _in_unit(number, said, indicator, wanted)
    _in_range(number, wanted)
    return number


def words_of(indicator: Indicator, unit: Unit | None = None) -> Mapping[str, float]:
    """The words in which values of the indicator are written, each with what it stands for; none of a number."""
    match (unit or indicator.unit).id:
        case "yes/no":
            return ANSWERS
        case "grade":
            return {word: float(place) for place, word in enumerate(indicator.values)}
        case _:
            return {}


def step(indicator: Indicator) -> float:
    """The smallest difference in which values of the indicator are told, in its unit."""
    return indicator.rounding or (0.1 if indicator.unit.id in FINE else 1.0)


def _in_unit(number: float, said: str, indicator: Indicator, wanted: Unit) -> None:
    if said[:1] == "," and said[1:2].isdigit():
        raise AmountError(Code.NOT_A_NUMBER, f"{shown(f'{number:g}{said}')} has a comma in its number",
                          "write a point: 7.5")
    if said and (wanted.id in WORDLESS or said not in (wanted.id, wanted.one, *wanted.also)):
        raise AmountError(Code.WRONG_UNIT, f"{shown(said)} is not the unit of {indicator.id}, which is {wanted}",
                          "write the number alone" if wanted.id in WORDLESS else f"write {number:g} {wanted}")


def _in_range(number: float, wanted: Unit) -> None:
    if wanted.share and not 0 <= number <= 100:
        raise AmountError(Code.NOT_ALLOWED, f"{number:g} {wanted} is not between 0 and 100", "check the number")
    if number < 0:
        raise AmountError(Code.NOT_ALLOWED, f"{number:g} {wanted} is less than nothing", "check the number")
    if wanted.id == "scale" and number not in (0, 1, 2, 3):
        raise AmountError(Code.NOT_ALLOWED, f"{number:g} is not on the scale of findings, which is 0, 1, 2 or 3",
                          "0 strength, 1 minor weakness, 2 clear weakness, 3 serious weakness")


def _example(unit: Unit) -> str:
    return {"scale": "2 (a clear weakness)", "ratio": "1.2"}.get(unit.id, f"30 {unit}")


def _word(text: str, known: Mapping[str, float], wrong: str) -> float:
    if text.strip() not in known:
        raise AmountError(Code.NOT_ALLOWED, f"{shown(text)} {wrong}", did_you_mean(text, known))
    return known[text.strip()]


def _split(text: str) -> tuple[float | None, str]:
    word = text.strip()
    size = len(word)
    while size and _number(word[:size]) is None:
        size -= 1
    return (_number(word[:size]), word[size:].strip()) if size else (None, "")


def _number(text: str) -> float | None:
    body = text.removeprefix("-")
    whole, dot, fraction = body.partition(".")
    plain = whole.isascii() and whole.isdigit() and (not dot or (fraction.isascii() and fraction.isdigit()))
    return float(text) if plain and len(text) <= LONGEST else None
