"""Amounts as people write them: a number with its unit's word, or a point on the scale of findings."""

from __future__ import annotations

from kb.model import Indicator
from kb.problems import Code, did_you_mean, shown

UNIT_WORDS = {
    "per cent": ("per cent", "percent", "%"),
    "points": ("points", "point", "percentage points"),
    "cases": ("cases", "case"),
    "children": ("children", "child"),
    "months": ("months", "month"),
    "times": ("times", "time"),
    "grades": ("grades", "grade"),
    "scale": (),
    "yes/no": (),
}
SHARES = ("per cent", "points")
SCALE_WORDS = {"strength": 0.0, "minor weakness": 1.0, "clear weakness": 2.0, "serious weakness": 3.0}


class AmountError(ValueError):
    """Why an amount cannot be taken: a problem's code, message and hint."""

    def __init__(self, code: Code, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def read_amount(text: str, indicator: Indicator, unit: str | None = None) -> float:
    """The number that `30`, `30 per cent` or `30%` stands for, in the indicator's unit. Raises AmountError."""
    wanted = unit or indicator.unit
    if wanted == "yes/no":
        return _yes_or_no(text)
    if wanted == "scale" and text.strip() in SCALE_WORDS:
        return SCALE_WORDS[text.strip()]
    number, said = _split(text)
    if number is None:
        raise AmountError(Code.NOT_A_NUMBER, f"{shown(text)} is not a number of {wanted}",
                          f"write for example {_example(wanted)}")
    if said[:1] == "," and said[1:2].isdigit():
        raise AmountError(Code.NOT_A_NUMBER, f"{shown(text)} has a comma in its number", "write a point: 7.5")
    if said and said not in UNIT_WORDS.get(wanted, (wanted,)):
        raise AmountError(Code.WRONG_UNIT, f"{shown(said)} is not the unit of {indicator.id}, which is {wanted}",
                          f"write {number:g} {wanted}" if UNIT_WORDS.get(wanted) else "write the number alone")
    if wanted in SHARES and not 0 <= number <= 100:
        raise AmountError(Code.NOT_ALLOWED, f"{number:g} {wanted} is not between 0 and 100", "check the number")
    if wanted not in SHARES and number < 0:
        raise AmountError(Code.NOT_ALLOWED, f"{number:g} {wanted} is less than nothing", "check the number")
    if wanted == "scale" and number not in (0, 1, 2, 3):
        raise AmountError(Code.NOT_ALLOWED, f"{number:g} is not on the scale of findings, which is 0, 1, 2 or 3",
                          "0 strength, 1 minor weakness, 2 clear weakness, 3 serious weakness")
    return number


def _example(unit: str) -> str:
    return "2 (a clear weakness)" if unit == "scale" else f"30 {unit}"


def _yes_or_no(text: str) -> float:
    answers = {"yes": 1.0, "no": 0.0}
    if text.strip() not in answers:
        raise AmountError(Code.NOT_ALLOWED, f"{shown(text)} is neither yes nor no", did_you_mean(text, answers))
    return answers[text.strip()]


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
    return float(text) if plain and len(text) < 20 else None
