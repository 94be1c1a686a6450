"""What a parser's error means, in words that a writer of rules can act on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from kb.model import Place, Problem
from kb.problems import Code, shown

_QUOTES = 'put the whole text in quotes: "..."'
_WORDS = {">=": "at_least", "=>": "at_least", "≥": "at_least", ">": "above",
          "<=": "at_most", "=<": "at_most", "≤": "at_most", "<": "below"}
_SYMBOL = re.compile(r"(>=|<=|=>|=<|[<>≤≥])\s*(-?\w[\w .%]{0,30})?")
_KEY = re.compile(r":(\s|$)")

Spot: TypeAlias = tuple[int, int]
"""A line and a column, both counted from 0 as YAML parsers do."""


class Fault(NamedTuple):
    """A syntax error as a YAML parser tells it: its own words, where it stopped, and what was open there."""

    name: str
    told: str
    at: Spot
    opened: Spot
    lines: list[str]

    def rest(self, spot: Spot) -> str:
        """What is written in the line from this place on; "" beyond the end of the file."""
        return self.lines[spot[0]][spot[1]:] if spot[0] < len(self.lines) else ""

    def depth(self, row: int) -> int:
        """How far a line is indented; an empty line and the end of the file lie outside of everything."""
        return _depth(self.lines[row]) if self.rest((row, 0)).strip(" ") else -1

    def above(self, row: int) -> int:
        """The nearest line above that is neither empty nor a comment; the line itself where there is none."""
        return next((i for i in range(row - 1, -1, -1) if _says_something(self.lines[i])), row)

    def because(self, spot: Spot, message: str, hint: str, code: Code = Code.SYNTAX) -> Problem:
        """The fault as a problem at this place."""
        return Problem(Place(self.name, spot[0] + 1, spot[1] + 1), code, message, hint)


def explain_syntax(fault: Fault) -> Problem:
    """What a person would say of a syntax error: where to look, what is wrong there, and what to do.

    The place is in a line that is not empty. StopIteration if there is none, but that no parser complains of.
    """
    problem = next(explain(fault) for pattern, explain in _EXPLAINED if re.search(pattern, fault.told))
    row = min(problem.place.line, len(fault.lines)) - 1
    told = next(i for i in [*range(row, -1, -1), *range(row + 1, len(fault.lines))] if fault.depth(i) >= 0)
    col = min(problem.place.col - 1, len(fault.lines[told])) if told == problem.place.line - 1 else fault.depth(told)
    return problem._replace(place=Place(fault.name, told + 1, col + 1))


def leave_out(row: int, lines: list[str]) -> None:
    """Empties a line and those that belong to it: without it, lines further in would only be misread."""
    depth, is_item = _depth(lines[row]), lines[row].lstrip(" ").startswith("-")
    lines[row] = ""
    for i in range(row + 1, len(lines)):
        own_item = _depth(lines[i]) == depth and not is_item and lines[i].lstrip(" ").startswith("- ")
        if _says_something(lines[i]) and _depth(lines[i]) <= depth and not own_item:
            return
        lines[i] = ""


def symbol_problem(place: Place, text: str, key: str = "") -> Problem:
    """The problem of writing `>= 30` where the rules say `at_least: 30`; `key` is the key it was written under."""
    found = _SYMBOL.search(text)
    sign, value = (found[1], found[2] or "...") if found else (">=", "...")
    same_way = key in (("at_least", "above") if sign in (">=", "=>", "≥", ">") else ("at_most", "below"))
    words = f"write words: {key if same_way else _WORDS[sign]}: {value.strip()}"
    return Problem(place, Code.SYMBOL, f"the symbol {sign} is not used here", words)


def _escape(fault: Fault) -> Problem:
    row, col = fault.at
    spot = (row, max(0, fault.lines[row].rfind("\\", 0, col + 1))) if row < len(fault.lines) else fault.opened
    return fault.because(spot, "a backslash inside double quotes, and what follows it has no meaning there",
                         "write \\\\ for a backslash, or use single quotes")


def _quote_runs_on(fault: Fault) -> Problem:
    message = f"the text in quotes that begins here ends in line {fault.at[0] + 1}, and more follows it there"
    return fault.because(fault.opened, message, "check that each quote is closed where its text ends")


def _bracket(fault: Fault) -> Problem:
    bracket = "}" if fault.rest(fault.opened).startswith("{") else "]"
    rest = fault.rest(fault.at).strip(" ")
    outside = fault.at[0] != fault.opened[0] and fault.depth(fault.at[0]) <= fault.depth(fault.opened[0])
    if outside or not rest:
        message = f"the bracket that opens here is never closed with {bracket}"
        return fault.because(fault.opened, message, f"write {bracket} at its end")
    if rest.startswith(":"):
        hint = f"{_QUOTES}, or a comma before the next key"
        return fault.because(fault.at, "a second colon in one value", hint, Code.COLON)
    return fault.because(fault.at, f"a comma or {bracket} is due here", "put a comma between two entries")


def _second_colon(fault: Fault) -> Problem:
    row, col = fault.at
    before = fault.lines[row][:col]
    if _KEY.search(before):
        two_keys = fault.rest(fault.at).strip(" ") == ":" and re.search(r":\s+[\w-]+$", before)
        hint = "begin the second key in a line of its own" if two_keys else _QUOTES
        message = f"a second colon in one line: {shown(fault.lines[row].strip())}"
        return fault.because(fault.at, message, hint, Code.COLON)
    if " " in before.strip().removeprefix("- "):
        return fault.because(fault.at, "this line continues the text above it, but has a colon", _QUOTES, Code.COLON)
    above = fault.above(row)
    if above != row and fault.depth(above) <= fault.depth(row) and not _KEY.search(fault.lines[above]):
        return _no_colon(fault._replace(opened=(above, fault.depth(above))))
    return _indentation(fault._replace(at=(row, fault.depth(row))))


def _no_colon(fault: Fault) -> Problem:
    line = fault.rest(fault.opened).strip()
    if _SYMBOL.search(line):
        return symbol_problem(fault.because(fault.opened, "", "").place, line)
    if re.search(r"\w:\S", line):
        return fault.because(fault.opened, f"no space after the colon: {shown(line)}", "write key: value")
    return fault.because(fault.opened, f"a key with a colon is due here, not {shown(line)}",
                         "write key: value, or indent a text that goes on")


def _block_text(fault: Fault) -> Problem:
    line = fault.rest(fault.opened)
    if re.match(r">\s*(=|[-+£]?\d)", line):
        return _odd_start(fault._replace(at=fault.opened))
    return fault.because(fault.opened, f"after {line[:1]} the text begins in the next line",
                         "move the text to the next line and indent it, or delete the symbol")


def _odd_start(fault: Fault) -> Problem:
    rest = fault.rest(fault.at)
    if rest.startswith(">"):
        key = re.search(r"([\w-]+)\s*:\s*$", fault.lines[fault.at[0]][:fault.at[1]])
        return symbol_problem(fault.because(fault.at, "", "").place, rest, key[1] if key else "")
    code = {"*": Code.ALIAS, "&": Code.ALIAS, "!": Code.TAG}.get(rest[:1], Code.SYNTAX)
    return fault.because(fault.at, f"a plain text cannot begin with {shown(rest[:1])}", _QUOTES, code)


def _indentation(fault: Fault) -> Problem:
    row, col = fault.at
    rest, above = fault.rest(fault.at).strip(), fault.lines[fault.above(row)].strip()
    if col > fault.depth(row):
        return fault.because(fault.at, f"more text follows where the value had ended: {shown(rest)}", _QUOTES)
    if rest.startswith("- ") and not above.startswith("-"):
        return fault.because(fault.at, "a list item stands where a key is due", "check the indentation")
    if "block collection" in fault.told and not rest.startswith("- "):
        return fault.because(fault.at, "a list item is due here", "begin it with - or check the indentation")
    if rest.startswith(":"):
        return fault.because(fault.at, "a colon with no key before it", "write key: value")
    return fault.because(fault.at, "the indentation of this line fits no line above it",
                         "begin it in the same column as the lines it belongs with")


def _stray(fault: Fault) -> Problem:
    rest = fault.rest(fault.at).strip()
    if not rest:
        return _bracket(fault._replace(at=(len(fault.lines), 0)))
    return fault.because(fault.at, f"a value is due here, not {shown(rest[:1])}", f"delete it, or {_QUOTES}")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _says_something(line: str) -> bool:
    return line.strip(" ")[:1] not in ("", "#")


def _say(message: str, hint: str, *, opened: bool = False) -> Callable[[Fault], Problem]:
    return lambda fault: fault.because(fault.opened if opened else fault.at, message, hint)


_EXPLAINED: tuple[tuple[str, Callable[[Fault], Problem]], ...] = (
    ("escape|hexdecimal|hexadecimal", _escape),
    ("runs on", _quote_runs_on),
    ("quoted scalar", _say("the quote that opens here is never closed", "close it where its text ends", opened=True)),
    ("node content", _stray),
    ("flow (sequence|mapping)", _bracket),
    ("mapping values", _second_colon),
    ("find expected ':'", _no_colon),
    ("block scalar", _block_text),
    ("directive", _say("a line cannot begin with %", _QUOTES, opened=True)),
    (r"\b(alias|anchor|tag)\b", lambda fault: _odd_start(fault._replace(at=fault.opened))),
    ("start any token", _odd_start),
    ("expected key|block (end|collection)", _indentation),
    ("document start", _say("this line does not belong to what is above it", "check the indentation and the quotes")),
    ("sequence entries", _say("a list item cannot follow in the same line", "begin it in a line of its own")),
    ("", _say("this line cannot be read", "check its colons, quotes, brackets and indentation")),
)
